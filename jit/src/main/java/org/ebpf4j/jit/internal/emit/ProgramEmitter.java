package org.ebpf4j.jit.internal.emit;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.constantpool.ConstantPoolBuilder;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.jit.internal.flow.Block;
import org.ebpf4j.jit.internal.flow.Cutter;
import org.ebpf4j.jit.internal.flow.FrameUse;
import org.ebpf4j.jit.internal.flow.Function;
import org.ebpf4j.jit.internal.flow.ProgramGraph;
import org.ebpf4j.jit.internal.flow.ProgramOrigins;
import org.ebpf4j.jit.internal.flow.RegisterTypes;
import org.ebpf4j.jit.internal.flow.SmallNumbers;
import org.ebpf4j.jit.internal.memory.Constants;
import org.ebpf4j.jit.internal.memory.MemoryEmitters;
import org.ebpf4j.jit.internal.memory.RunMethods;
import org.ebpf4j.runtime.internal.engine.CompilationUnit;
import org.ebpf4j.runtime.internal.engine.CompiledProgram;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.engine.UncompilableException;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Thrown;

/// Writes a program as a hidden class, with a static method for each function.
public final class ProgramEmitter {
  /// `R1` to `R5` and the frame pointer, after the run; gives `R0`.
  static final MethodTypeDesc FUNCTION =
      MethodTypeDesc.of(
          CD_long, RunMethods.RUN, CD_long, CD_long, CD_long, CD_long, CD_long, CD_long);

  /// As [CompiledProgram#run].
  private static final MethodTypeDesc RUN =
      MethodTypeDesc.of(
          CD_long, RunMethods.RUN, CD_int, CD_long, CD_long, CD_long, CD_long, CD_long, CD_long);

  /// As [CompiledProgram#begin].
  static final MethodTypeDesc BEGIN =
      MethodTypeDesc.of(CD_long, RunMethods.RUN, CD_long, CD_long, CD_long);

  /// What the names of methods begin with that were made from functions.
  static final String NAME_PREFIX = "at";

  private static final ClassDesc TYPE =
      ClassDesc.of(ProgramEmitter.class.getPackageName(), "Program");
  private static final ClassDesc THROWN = Thrown.class.describeConstable().orElseThrow();
  private static final ClassDesc FAULT = Fault.class.describeConstable().orElseThrow();
  private static final ClassDesc BASE = CompiledProgram.class.describeConstable().orElseThrow();

  /// Entries of a constant pool (JVMS 4.1); longs take two.
  private static final int MOST_CONSTANTS = 65_535;

  private final ProgramParts program;

  public ProgramEmitter(CompilationUnit unit) {
    Constants constants = new Constants();
    ProgramGraph graph = new ProgramGraph(unit.program(), unit.facts());
    ProgramParts parts =
        new ProgramParts(
            TYPE,
            unit.program(),
            graph,
            unit.facts(),
            unit.context(),
            unit.facts().isPresent()
                ? Optional.empty()
                : Optional.of(new ProgramOrigins(graph, unit.program(), unit.context())),
            constants,
            MemoryEmitters.ofCalls(unit.memory(), constants),
            MemoryEmitters.ofDrawnIn(unit.memory(), constants),
            false);
    this.program = parts.withPlain(RunUse.isPlain(parts));
  }

  /// The name of the method of the function at a slot.
  static String name(int slot) {
    return NAME_PREFIX + slot;
  }

  /// The class, for people.
  ///
  /// @throws UncompilableException as [#define()]
  public String listing() throws UncompilableException {
    return Listing.print(bytes(), program.program());
  }

  /// The class file.
  private byte[] bytes() throws UncompilableException {
    ConstantPoolBuilder pool = ConstantPoolBuilder.of();
    try {
      return ClassFile.of().build(pool.classEntry(TYPE), pool, this::write);
    } catch (IllegalArgumentException failed) {
      if (pool.size() > MOST_CONSTANTS) {
        throw new UncompilableException(
            "it has more constants than one class file holds, which is %d"
                .formatted(MOST_CONSTANTS));
      }
      throw failed;
    }
  }

  private void write(ClassBuilder type) {
    type.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SUPER);
    type.withSuperclass(BASE);
    type.withMethodBody(
        INIT_NAME,
        ConstantDescs.MTD_void,
        0,
        code ->
            code.aload(0)
                .loadConstant(program.checked() && program.graph().hasCalls() ? 1 : 0)
                .loadConstant(program.plain() ? 1 : 0)
                .loadConstant(program.checked() ? 1 : 0)
                .invokespecial(
                    BASE, INIT_NAME, MethodTypeDesc.of(CD_void, CD_boolean, CD_boolean, CD_boolean))
                .return_());
    type.withMethodBody("begin", BEGIN, ClassFile.ACC_PUBLIC, this::begin);
    type.withMethodBody("run", RUN, ClassFile.ACC_PUBLIC, this::dispatch);
    List<CutFunctionEmitter> cut = new ArrayList<>();
    for (Function function : program.graph().functions()) {
      function(type, function).ifPresent(cut::add);
    }
    if (!cut.isEmpty()) {
      type.withMethodBody(
          "warmUp",
          ConstantDescs.MTD_void,
          ClassFile.ACC_PUBLIC,
          code -> {
            cut.forEach(function -> function.callParts(code));
            code.return_();
          });
    }
  }

  /// Writes a function.
  ///
  /// @return what wrote it, if it was cut into parts
  private Optional<CutFunctionEmitter> function(ClassBuilder type, Function function) {
    RegisterTypes types =
        program
            .facts()
            .map(facts -> SmallNumbers.of(function, program.graph(), facts))
            .orElse(RegisterTypes.LONGS);
    Optional<FrameUse> cutUse =
        program.facts().map(facts -> FrameUse.ofCut(function, program.graph(), facts));
    List<List<Block>> parts =
        Cutter.cut(
            function.blocks(), new Sizes(program, types, cutUse)::of, Sizes.USUAL, Sizes.LIMIT);
    if (parts.size() == 1) {
      type.withMethodBody(
          name(function.start()),
          FUNCTION,
          ClassFile.ACC_STATIC,
          new FunctionEmitter(program, function, types)::emit);
      return Optional.empty();
    }
    CutFunctionEmitter cut = new CutFunctionEmitter(program, function, types, cutUse, parts);
    cut.emit(type);
    return Optional.of(cut);
  }

  /// Defines the class.
  ///
  /// @throws UncompilableException if the program does not fit in one
  public CompiledProgram define() throws UncompilableException {
    byte[] bytes = bytes();
    try {
      MethodHandles.Lookup lookup =
          MethodHandles.lookup()
              .defineHiddenClassWithClassData(bytes, program.constants().all(), true);
      return (CompiledProgram)
          lookup
              .findConstructor(lookup.lookupClass(), MethodType.methodType(void.class))
              .asType(MethodType.methodType(CompiledProgram.class))
              .invokeExact();
    } catch (RuntimeException | Error failed) {
      throw failed;
    } catch (Throwable impossible) {
      throw new IllegalStateException("the compiled class cannot be made", impossible);
    }
  }

  /// The method `begin`: to that of the program's own function.
  private void begin(CodeBuilder code) {
    if (program.program().throwsExceptions()) {
      // Where exceptions lead is said in one place.
      code.aload(0).aload(1).iconst_0().lload(2).lload(4);
      code.lconst_0().lconst_0().lconst_0().lload(6);
      code.invokevirtual(TYPE, "run", RUN).lreturn();
    } else {
      code.aload(1).lload(2).lload(4).lconst_0().lconst_0().lconst_0().lload(6);
      code.invokestatic(TYPE, name(0), FUNCTION).lreturn();
    }
  }

  /// The method `run`: to the method of the function that begins at the slot given.
  private void dispatch(CodeBuilder code) {
    List<Function> functions = program.graph().functions();
    List<SwitchCase> cases = new ArrayList<>();
    List<Label> labels = new ArrayList<>();
    for (Function function : functions) {
      Label label = code.newLabel();
      labels.add(label);
      if (function.start() != 0) {
        cases.add(SwitchCase.of(function.start(), label));
      }
    }
    if (!cases.isEmpty()) {
      code.iload(2).lookupswitch(labels.getFirst(), cases);
    }
    for (int i = 0; i < functions.size(); i++) {
      int start = functions.get(i).start();
      code.labelBinding(labels.get(i));
      if (program.program().throwsExceptions()) {
        code.trying(
            tried -> enter(tried, start),
            catches ->
                catches.catching(
                    THROWN, start == 0 ? this::caught : ProgramEmitter::caughtInCallback));
      } else {
        enter(code, start);
      }
    }
  }

  /// Calls the function at a slot with the arguments of `run` and returns what it gives.
  private static void enter(CodeBuilder code, int start) {
    code.aload(1);
    for (int local = 3; local <= 13; local += 2) {
      code.lload(local);
    }
    code.invokestatic(TYPE, name(start), FUNCTION).lreturn();
  }

  /// A callback, that for exceptions included, has thrown.
  private static void caughtInCallback(CodeBuilder code) {
    code.pop().aload(1);
    RunMethods.call(code, "callbackThrew", MethodTypeDesc.of(FAULT));
    code.athrow();
  }

  /// An exception of the program has come to where the program began, and is on the stack.
  private void caught(CodeBuilder code) {
    code.invokevirtual(THROWN, "cookie", MethodTypeDesc.of(CD_long));
    int callback = program.program().exceptionCallback();
    if (callback != LinkedProgram.NO_CALLBACK) {
      code.lstore(3);
      code.trying(
          tried -> enter(tried, callback),
          catches -> catches.catching(THROWN, ProgramEmitter::caughtInCallback));
    } else {
      code.lreturn();
    }
  }
}
