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
import org.ebpf4j.jit.internal.flow.FrameReach;
import org.ebpf4j.jit.internal.flow.FrameUse;
import org.ebpf4j.jit.internal.flow.Function;
import org.ebpf4j.jit.internal.flow.Origins;
import org.ebpf4j.jit.internal.flow.RegisterTypes;
import org.ebpf4j.jit.internal.memory.MemoryEmitter;
import org.ebpf4j.jit.internal.memory.RunMethods;
import org.ebpf4j.runtime.internal.run.Run;

/// Writes a function that is too large for one method: as a method for each part, and one that goes
/// from part to part until the function ends.
///
/// A part is given the number of the block at which it is entered, and gives the number of the
/// block to go on with, or -1 at the function's end. A number is that of the part, then 16 bits for
/// the block in it. A part that is given -1 has nothing to do.
final class CutFunctionEmitter {
  private static final MethodTypeDesc PART =
      MethodTypeDesc.of(CD_int, RunMethods.RUN, CD_long, CD_int, CD_long.arrayType());

  /// Parts that one method calls: with many more it would itself be too large.
  private static final int GROUP_BITS = 6;

  private static final int PART_BITS = 16;
  private static final int FRAME_POINTER = 11;

  private final ProgramParts program;
  private final Function function;
  private final RegisterTypes types;
  private final List<List<Block>> parts;

  /// How the function uses its frame, if it is proven.
  private final Optional<FrameUse> use;

  /// Where its registers come from, if it is not.
  private final Optional<Origins> origins;

  /// By the slot of each block that control comes to from another method: its number.
  private final Map<Integer, Integer> entries = new HashMap<>();

  CutFunctionEmitter(
      ProgramParts program,
      Function function,
      RegisterTypes types,
      Optional<FrameUse> use,
      List<List<Block>> parts) {
    this.program = program;
    this.function = function;
    this.types = types;
    this.parts = parts;
    this.use = use;
    this.origins = program.origins(function);
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
          groupName(group), PART, ClassFile.ACC_STATIC, code -> group(code, first, end));
    }
    for (int i = 0; i < parts.size(); i++) {
      int part = i;
      type.withMethodBody(partName(i), PART, ClassFile.ACC_STATIC, code -> part(code, part));
    }
  }

  /// Writes a call of each part with nothing to do; see [CompiledProgram#warmUp].
  void callParts(CodeBuilder code) {
    for (int i = 0; i < parts.size(); i++) {
      code.aconst_null().lconst_0().iconst_m1().aconst_null();
      code.invokestatic(program.type(), partName(i), PART).pop();
    }
  }

  private String partName(int part) {
    return "%sPart%d".formatted(ProgramEmitter.name(function.start()), part);
  }

  private String groupName(int group) {
    return "%sParts%d".formatted(ProgramEmitter.name(function.start()), group);
  }

  /// The function's method: hands the registers to the first part, and goes from group to group of
  /// parts.
  private void driver(CodeBuilder code) {
    Registers registers = new Registers(types, false);
    Method method =
        new Method(
            code,
            registers,
            program,
            Result.RETURNED,
            use.map(StackFrame::inMemory),
            origins,
            function,
            Optional.empty());
    registers.begin(code, function.start());
    method.begin();
    code.loadConstant(Run.MOST_LOOPS).istore(registers.rounds());
    origins.ifPresent(known ->
        new CallEmitter(method)
            .enterFunction(function.start(), FrameReach.of(function, program.graph(), known)));
    int entry = registers.free();
    int carried = entry + 1;
    Carrier carrier = new Carrier(program, carried);
    carrier.begin(code);
    carrier.save(code, registers, function.start());
    code.iconst_0().istore(entry);
    Label loop = code.newBoundLabel();
    Label done = code.newLabel();
    code.iload(entry).iflt(done);
    int groups = ((parts.size() - 1) >> GROUP_BITS) + 1;
    List<SwitchCase> cases = new ArrayList<>();
    for (int group = 0; group < groups; group++) {
      cases.add(SwitchCase.of(group, code.newLabel()));
    }
    if (groups > 1) {
      code.iload(entry).loadConstant(PART_BITS + GROUP_BITS).iushr();
      code.tableswitch(0, groups - 1, cases.getFirst().target(), cases);
    }
    for (int group = 0; group < groups; group++) {
      code.labelBinding(cases.get(group).target());
      RunMethods.push(code);
      code.lload(FRAME_POINTER).iload(entry).aload(carried);
      code.invokestatic(program.type(), groupName(group), PART).istore(entry);
      code.goto_(loop);
    }
    code.labelBinding(done);
    carrier.pushResult(code);
    code.lreturn();
  }

  /// Goes from part to part of a group until control leaves it. Mostly the next part is the one
  /// that follows.
  private void group(CodeBuilder code, int first, int end) {
    Label loop = code.newBoundLabel();
    Label left = code.newLabel();
    List<SwitchCase> cases = new ArrayList<>();
    for (int part = first; part < end; part++) {
      cases.add(SwitchCase.of(part, code.newLabel()));
    }
    code.iload(Registers.ENTRY).loadConstant(PART_BITS).iushr();
    code.tableswitch(first, end - 1, left, cases);
    for (int part = first; part < end; part++) {
      code.labelBinding(cases.get(part - first).target());
      RunMethods.push(code);
      code.lload(1).iload(Registers.ENTRY).aload(Registers.CARRIED);
      code.invokestatic(program.type(), partName(part), PART).dup().istore(Registers.ENTRY);
      code.loadConstant(PART_BITS).iushr().loadConstant(part + 1).if_icmpne(loop);
    }
    code.labelBinding(left);
    code.iload(Registers.ENTRY).ireturn();
  }

  private void part(CodeBuilder code, int part) {
    List<Block> blocks = parts.get(part);
    Label begin = code.newLabel();
    code.iload(Registers.ENTRY).ifge(begin).iconst_m1().ireturn();
    code.labelBinding(begin);
    Registers registers = new Registers(types, true);
    Carrier carrier = new Carrier(program, Registers.CARRIED);
    Map<FrameUse.Cell, Boolean> cells =
        program
            .facts()
            .flatMap(facts -> use.map(all -> all.cellsIn(blocks, program.graph(), facts)))
            .orElse(Map.of());
    Optional<StackFrame> frame =
        use.map(all -> StackFrame.ofPart(all, cells.keySet(), registers.free() + 2));
    MemoryEmitter plain = program.memory().plain();
    Method method =
        new Method(
            code,
            registers,
            program,
            to -> {
              carrier.saveResult(to, registers.free());
              to.iconst_m1().ireturn();
            },
            frame,
            origins,
            function,
            Optional.empty());
    Body body = new Body(method, blocks);
    BudgetEmitter budget = new BudgetEmitter(method);
    registers.begin(code, blocks.getFirst().start());
    code.iconst_0().istore(registers.rounds());
    budget.take();
    frame.ifPresent(own -> own.load(code, registers, plain));
    enter(code, registers, carrier, blocks, body);
    body.emit();
    if (!body.outward().isEmpty()) {
      leave(code, registers, carrier, body.outward());
      budget.give();
      frame.ifPresent(
          own -> own.save(code, registers, plain, cell -> cells.getOrDefault(cell, false)));
      code.iload(Registers.ENTRY).ireturn();
    }
  }

  /// Takes what is live, and goes to the block that was asked for.
  private void enter(
      CodeBuilder code, Registers registers, Carrier carrier, List<Block> blocks, Body body) {
    Map<Carrier.Shape, List<Integer>> byShape = new LinkedHashMap<>();
    for (Block block : blocks) {
      int slot = block.start();
      if (entries.containsKey(slot)) {
        byShape.computeIfAbsent(carrier.shape(registers, slot), _ -> new ArrayList<>()).add(slot);
      }
    }
    List<Label> labels = byShape.values().stream().map(_ -> code.newLabel()).toList();
    if (labels.size() > 1) {
      List<SwitchCase> cases = new ArrayList<>();
      int at = 0;
      for (List<Integer> slots : byShape.values()) {
        Label label = labels.get(at++);
        slots.forEach(slot -> cases.add(SwitchCase.of(number(slot), label)));
      }
      code.iload(Registers.ENTRY).lookupswitch(labels.getFirst(), cases);
    }
    int at = 0;
    for (List<Integer> slots : byShape.values()) {
      code.labelBinding(labels.get(at++));
      carrier.restore(code, registers, slots.getFirst());
      if (slots.size() == 1) {
        code.goto_(body.label(slots.getFirst()));
      } else {
        code.iload(Registers.ENTRY)
            .lookupswitch(
                body.label(slots.getFirst()),
                slots.stream().map(slot -> SwitchCase.of(number(slot), body.label(slot))).toList());
      }
    }
  }

  /// Leaves what is live for the block that control goes to, and notes its number.
  ///
  /// @param ways where jumps to blocks of other methods come to, by the block's slot
  private void leave(
      CodeBuilder code, Registers registers, Carrier carrier, Map<Integer, Label> ways) {
    Map<Carrier.Shape, Integer> slots = new LinkedHashMap<>();
    Map<Carrier.Shape, Label> labels = new HashMap<>();
    ways.forEach((slot, way) -> {
      Carrier.Shape shape = carrier.shape(registers, slot);
      slots.putIfAbsent(shape, slot);
      code.labelBinding(way);
      code.loadConstant(number(slot)).istore(Registers.ENTRY);
      code.goto_(labels.computeIfAbsent(shape, _ -> code.newLabel()));
    });
    Label left = code.newLabel();
    slots.forEach((shape, slot) -> {
      code.labelBinding(labels.get(shape));
      carrier.save(code, registers, slot);
      code.goto_(left);
    });
    code.labelBinding(left);
  }

  private int number(int slot) {
    Integer number = entries.get(slot);
    if (number == null) {
      throw new IllegalStateException("no part is entered at " + slot);
    }
    return number;
  }
}
