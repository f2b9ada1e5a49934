package org.ebpf4j.jit.internal.emit;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.SwitchCase;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.jit.internal.flow.Block;
import org.ebpf4j.jit.internal.flow.FrameUse;
import org.ebpf4j.jit.internal.flow.Function;
import org.ebpf4j.jit.internal.flow.RegisterTypes;
import org.ebpf4j.jit.internal.memory.RunMethods;

/// Writes a function that is too large for one method: as a method for each part, and one that goes
/// from part to part until the function ends.
///
/// A part is given the number of the block at which it is entered, and gives the number of the
/// block to go on with, or -1 at the function's end. A number is that of the part, then 16 bits for
/// the block in it.
final class CutFunctionEmitter {
  private static final MethodTypeDesc PART =
      MethodTypeDesc.of(CD_int, RunMethods.RUN, CD_long, CD_int);

  /// Parts that one method chooses from: with more it would itself be too large.
  private static final int GROUP_BITS = 8;

  private static final int PART_BITS = 16;
  private static final int FRAME_POINTER = 11;

  private final ProgramParts program;
  private final Function function;
  private final RegisterTypes types;
  private final List<List<Block>> parts;
  private final Carrier carrier;

  /// All of it memory: what parts carry to each other is little.
  private final Optional<StackFrame> frame;

  /// By the slot of each block that control comes to from another method: its number.
  private final Map<Integer, Integer> entries = new HashMap<>();

  CutFunctionEmitter(
      ProgramParts program, Function function, RegisterTypes types, List<List<Block>> parts) {
    this.program = program;
    this.function = function;
    this.types = types;
    this.parts = parts;
    this.carrier = new Carrier(program);
    this.frame =
        program
            .facts()
            .map(facts -> new StackFrame(FrameUse.of(function, program.graph(), facts, false), 0));
    number();
  }

  private void number() {
    Map<Integer, Integer> partOf = new HashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      for (Block block : parts.get(i)) {
        partOf.put(block.start(), i);
      }
    }
    int[] counts = new int[parts.size()];
    entries.put(function.start(), counts[0]++);
    for (int i = 0; i < parts.size(); i++) {
      for (Block block : parts.get(i)) {
        for (int next : block.next()) {
          int part = partOf.getOrDefault(next, i);
          if (part != i && !entries.containsKey(next)) {
            entries.put(next, part << PART_BITS | counts[part]++);
          }
        }
      }
    }
  }

  /// Writes all methods of the function.
  void emit(ClassBuilder type) {
    String name = ProgramEmitter.name(function.start());
    type.withMethodBody(name, ProgramEmitter.FUNCTION, ClassFile.ACC_STATIC, this::driver);
    for (int group = 0; group << GROUP_BITS < parts.size(); group++) {
      int first = group << GROUP_BITS;
      int end = Math.min(parts.size(), first + (1 << GROUP_BITS));
      type.withMethodBody(
          groupName(group), PART, ClassFile.ACC_STATIC, code -> choose(code, first, end));
    }
    for (int i = 0; i < parts.size(); i++) {
      int part = i;
      type.withMethodBody(partName(i), PART, ClassFile.ACC_STATIC, code -> part(code, part));
    }
  }

  private String partName(int part) {
    return "%sPart%d".formatted(ProgramEmitter.name(function.start()), part);
  }

  private String groupName(int group) {
    return "%sParts%d".formatted(ProgramEmitter.name(function.start()), group);
  }

  /// The function's method: hands the registers to the first part, and goes on from part to part.
  private void driver(CodeBuilder code) {
    Registers registers = new Registers(types, false);
    Method method = new Method(code, registers, program, Result.RETURNED, frame);
    registers.begin(code, function.start());
    method.begin();
    code.loadConstant(FunctionEmitter.ROUNDS).istore(registers.rounds());
    if (program.checked()) {
      new CallEmitter(method).enterFunction(function.start());
    }
    carrier.save(code, registers, function.start());
    int entry = registers.free();
    code.iconst_0().istore(entry);
    Label loop = code.newBoundLabel();
    Label done = code.newLabel();
    int groups = ((parts.size() - 1) >> GROUP_BITS) + 1;
    List<Label> labels = new ArrayList<>();
    List<SwitchCase> cases = new ArrayList<>();
    for (int group = 0; group < groups; group++) {
      labels.add(code.newLabel());
      cases.add(SwitchCase.of(group, labels.get(group)));
    }
    if (groups > 1) {
      code.iload(entry).loadConstant(PART_BITS + GROUP_BITS).iushr();
      code.tableswitch(0, groups - 1, labels.getFirst(), cases);
    }
    for (int group = 0; group < groups; group++) {
      code.labelBinding(labels.get(group));
      RunMethods.push(code);
      code.lload(FRAME_POINTER).iload(entry);
      code.invokestatic(program.type(), groupName(group), PART).istore(entry);
      code.iload(entry).iflt(done);
      code.goto_(loop);
    }
    code.labelBinding(done);
    Carrier.pushResult(code);
    code.lreturn();
  }

  /// Calls one of some parts.
  private void choose(CodeBuilder code, int first, int end) {
    List<SwitchCase> cases = new ArrayList<>();
    for (int part = first; part < end; part++) {
      cases.add(SwitchCase.of(part, code.newLabel()));
    }
    code.iload(Registers.ENTRY).loadConstant(PART_BITS).iushr();
    code.tableswitch(first, end - 1, cases.getFirst().target(), cases);
    for (int part = first; part < end; part++) {
      code.labelBinding(cases.get(part - first).target());
      RunMethods.push(code);
      code.lload(1).iload(Registers.ENTRY);
      code.invokestatic(program.type(), partName(part), PART).ireturn();
    }
  }

  private void part(CodeBuilder code, int part) {
    List<Block> blocks = parts.get(part);
    Registers registers = new Registers(types, true);
    Method method =
        new Method(
            code,
            registers,
            program,
            to -> {
              Carrier.saveResult(to, registers.free());
              to.iconst_m1().ireturn();
            },
            frame);
    Body body = new Body(method, blocks);
    registers.begin(code, blocks.getFirst().start());
    code.iconst_0().istore(registers.rounds());
    enter(code, registers, blocks, body);
    body.emit();
    body.outward()
        .forEach((slot, label) -> {
          code.labelBinding(label);
          carrier.save(code, registers, slot);
          code.loadConstant(number(slot)).ireturn();
        });
  }

  /// Takes what is live, and goes to the block that was asked for.
  private void enter(CodeBuilder code, Registers registers, List<Block> blocks, Body body) {
    Map<Integer, Label> labels = new LinkedHashMap<>();
    List<SwitchCase> cases = new ArrayList<>();
    for (Block block : blocks) {
      Integer number = entries.get(block.start());
      if (number != null) {
        Label label = code.newLabel();
        labels.put(block.start(), label);
        cases.add(SwitchCase.of(number, label));
      }
    }
    code.iload(Registers.ENTRY).lookupswitch(cases.getFirst().target(), cases);
    labels.forEach((slot, label) -> {
      code.labelBinding(label);
      carrier.restore(code, registers, slot);
      code.goto_(body.label(slot));
    });
  }

  private int number(int slot) {
    Integer number = entries.get(slot);
    if (number == null) {
      throw new IllegalStateException("no part is entered at " + slot);
    }
    return number;
  }
}
