package org.ebpf4j.testkit;

import java.util.OptionalInt;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Instruction.Load;
import org.ebpf4j.isa.Instruction.MoveSignExtended;
import org.ebpf4j.isa.Instruction.Negate;
import org.ebpf4j.isa.Instruction.Store;
import org.ebpf4j.isa.Instruction.SwapBytes;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.testkit.Code.Label;
import org.ebpf4j.testkit.Content.Pointer;
import org.ebpf4j.testkit.Content.Scalar;

/// Statements that compute with numbers.
final class Numbers {
  private final FunctionWriter to;
  private final Chance chance;

  Numbers(FunctionWriter to) {
    this.to = to;
    this.chance = to.chance;
  }

  /// A register with a number in it; a new one if there is none.
  int any() {
    OptionalInt found = to.find(content -> content instanceof Scalar);
    if (found.isPresent() && chance.percent(85)) {
      return found.getAsInt();
    }
    int dst = to.free();
    input(dst);
    return dst;
  }

  /// A number that may be changed, of which nobody knows much.
  int unknown() {
    int dst = to.free();
    OptionalInt found =
        to.find(content -> content instanceof Scalar(Range range, int id) && !range.isConstant());
    if (found.isPresent() && chance.percent(60)) {
      to.move(dst, found.getAsInt());
    } else {
      input(dst);
    }
    return dst;
  }

  /// A register gets a number from outside, if there is a place to load it from.
  void input(int dst) {
    OptionalInt memory = to.find(content -> content instanceof Pointer p && Accesses.mayLoad(p, 1));
    if (memory.isPresent() && chance.percent(50)) {
      to.accesses().load(memory.getAsInt(), dst);
    } else if (to.model.register(6) instanceof Content.Context && chance.percent(80)) {
      ContextFields.Field field = chance.pick(ContextFields.of(to.program.type));
      boolean signed = field.size() != MemorySize.DOUBLE && chance.percent(10);
      to.emit(
          new Load(field.size(), signed && wrongSign(), Register.of(dst), Register.R6, field.at()));
      to.model.set(dst, to.number(Range.ofBytes(field.size().bytes())));
    } else {
      to.stackAddress(dst, 8 * chance.below(FunctionWriter.ARRAY_BYTES / 8));
      to.accesses().load(dst, dst);
    }
  }

  /// The context takes no sign-extending loads.
  private boolean wrongSign() {
    return to.wrong();
  }

  /// Some operation.
  void compute() {
    switch (chance.below(12)) {
      case 0 -> to.constant(to.free(), chance.edge());
      case 1 -> to.move(to.free(), any());
      case 2 -> input(to.free());
      case 3 -> unary();
      case 4 -> signExtend();
      case 5 -> compare();
      default -> binary();
    }
  }

  private int changeable() {
    int src = any();
    if (!to.isKept(src)) {
      return src;
    }
    int dst = to.free();
    to.move(dst, src);
    return dst;
  }

  private void unary() {
    int dst = changeable();
    if (chance.percent(50)) {
      to.emit(new Negate(chance.pick(Width.values()), Register.of(dst)));
      to.model.set(dst, to.number(Range.ALL));
    } else {
      int bits = chance.pick(16, 32, 64);
      to.emit(new SwapBytes(chance.pick(SwapBytes.Order.values()), Register.of(dst), bits));
      to.model.set(dst, to.number(Range.ALL));
    }
  }

  private void signExtend() {
    int src = any();
    int dst = to.free();
    Width width = chance.pick(Width.values());
    int bits = width == Width.W64 ? chance.pick(8, 16, 32) : chance.pick(8, 16);
    to.emit(new MoveSignExtended(width, Register.of(dst), Register.of(src), bits));
    boolean same = to.range(src).below((1L << (bits - 1)) - 1);
    to.model.set(dst, to.number(same ? to.range(src) : Range.ALL));
  }

  private void binary() {
    int dst = changeable();
    Width width = chance.percent(60) ? Width.W64 : Width.W32;
    AluOperation operation = chance.pick(AluOperation.values());
    if (chance.percent(50)) {
      int src = any();
      if (to.model.register(dst) instanceof Scalar) {
        apply(width, operation, dst, new Reg(Register.of(src)), to.range(src));
      }
      return;
    }
    int immediate = (int) chance.edge();
    switch (operation) {
      case LSH, RSH, ARSH -> immediate = chance.below(to.wrong() ? 128 : width.bits());
      case DIV, SDIV, MOD, SMOD -> immediate = immediate == 0 && !to.wrong() ? 3 : immediate;
      default -> {
        // Any number will do.
      }
    }
    apply(width, operation, dst, new Imm(immediate), Range.constant(immediate));
  }

  void apply(Width width, AluOperation operation, int dst, Operand src, Range range) {
    Range result = to.range(dst).apply(width, operation, range);
    to.emit(FunctionWriter.alu(width, operation, dst, src));
    to.model.set(dst, to.number(result));
    to.show(dst, 20);
  }

  /// A constant that has bits of the upper half and few others: tells whether all of a register is
  /// looked at.
  private int highBits() {
    return Integer.MIN_VALUE >> chance.below(3) | (chance.percent(50) ? 1 << chance.below(31) : 0);
  }

  /// What to compare with.
  private int against(JumpCondition condition) {
    return chance.percent(condition == JumpCondition.ANY_BIT ? 75 : 30)
        ? highBits()
        : (int) chance.edge();
  }

  /// A comparison that ends the function on one side, and says something about the other.
  private void compare() {
    if (!to.mayBail()) {
      return;
    }
    int register = any();
    JumpCondition condition = chance.pick(JumpCondition.values());
    Width width = chance.pick(Width.values());
    if (chance.percent(30)) {
      int other = any();
      to.jump(width, condition, register, new Reg(Register.of(other)), to.bail());
      return;
    }
    int limit = against(condition);
    to.jump(width, condition, register, new Imm(limit), to.bail());
    if (limit < 0
        || (width == Width.W32 && !to.range(register).below(0xffff_ffffL))
        || !(to.model.register(register) instanceof Scalar(Range old, int id))) {
      return;
    }
    Range range =
        switch (condition) {
          case GREATER -> old.atMost(limit);
          case GREATER_OR_EQUAL -> limit > 0 ? old.atMost(limit - 1) : old;
          case LESS -> old.atLeast(limit);
          case LESS_OR_EQUAL -> old.atLeast(limit + 1L);
          default -> old;
        };
    to.model.set(register, new Scalar(range, id));
    to.model.refine(id, range);
  }

  /// Makes a number at most `limit`.
  ///
  /// @param register not kept
  void bound(int register, int limit) {
    if (to.wrong()) {
      refine(register, limit);
      return;
    }
    int most = to.wrong() ? limit + chance.between(1, 8) : limit;
    boolean jumps = to.mayBail();
    switch (chance.below(jumps ? 6 : 2)) {
      case 0 -> apply(Width.W64, AluOperation.AND, register, new Imm(most), Range.constant(most));
      case 1 -> {
        int shift = Long.numberOfLeadingZeros(most + 1L) + 1;
        apply(Width.W64, AluOperation.RSH, register, new Imm(shift), Range.constant(shift));
      }
      case 2 -> {
        to.jump(JumpCondition.GREATER, register, new Imm(most), to.bail());
        refine(register, limit);
      }
      case 3 -> {
        Label fine = new Label();
        to.jump(JumpCondition.LESS_OR_EQUAL, register, new Imm(most), fine);
        to.emit(new Instruction.Goto(0, false), to.bail());
        to.code.place(fine);
        refine(register, limit);
      }
      case 4 -> {
        to.jump(JumpCondition.SIGNED_GREATER, register, new Imm(most), to.bail());
        if (!to.wrong()) {
          to.jump(JumpCondition.SIGNED_LESS, register, new Imm(0), to.bail());
        }
        refine(register, limit);
      }
      default -> {
        if (!to.wrong()) {
          apply(
              Width.W32,
              AluOperation.MOV,
              register,
              new Reg(Register.of(register)),
              to.range(register));
        }
        to.jump(Width.W32, JumpCondition.GREATER, register, new Imm(most), to.bail());
        refine(register, limit);
      }
    }
  }

  private void refine(int register, int limit) {
    if (to.model.register(register) instanceof Scalar(Range range, int id)) {
      Range less = range.atMost(limit).below(limit) ? range.atMost(limit) : new Range(0, limit);
      to.model.set(register, new Scalar(less, id));
      to.model.refine(id, less);
    }
  }

  /// Operations on a small number that keep it at most `limit`; what would not is left out.
  void shuffle(int register, int limit) {
    int count = chance.below(4);
    for (int i = 0; i < count; i++) {
      AluOperation operation =
          chance.pick(
              AluOperation.ADD,
              AluOperation.SUB,
              AluOperation.MUL,
              AluOperation.AND,
              AluOperation.OR,
              AluOperation.XOR,
              AluOperation.LSH,
              AluOperation.RSH,
              AluOperation.ARSH);
      Width width = chance.pick(Width.values());
      int immediate = chance.below(chance.percent(70) ? 4 : 16);
      Range result = to.range(register).apply(width, operation, Range.constant(immediate));
      if (result.below(limit) || to.wrong()) {
        apply(width, operation, register, new Imm(immediate), Range.constant(immediate));
      }
    }
    if (chance.percent(15)) {
      int slot = chance.below(Model.SLOTS);
      store(register, slot);
      load(register, slot);
    }
  }

  /// A register gets one constant or another: paths with different numbers meet.
  void diamond() {
    int condition = any();
    int dst = to.free();
    Label met = new Label();
    long first = chance.percent(70) ? chance.below(48) : chance.edge();
    long second = chance.percent(70) ? chance.below(48) : chance.edge();
    if (dst == condition) {
      return;
    }
    to.constant(dst, first);
    JumpCondition holds = chance.pick(JumpCondition.values());
    to.jump(holds, condition, new Imm(against(holds)), met);
    to.constant(dst, second);
    to.code.place(met);
    to.model.set(dst, to.number(Range.constant(first).union(Range.constant(second))));
  }

  /// Goes where nobody may come if a number leaves the range it is taken to have.
  void assertion() {
    OptionalInt found =
        to.find(content ->
            content instanceof Scalar(Range range, int id) && range.below(Integer.MAX_VALUE));
    if (found.isEmpty()) {
      return;
    }
    int register = found.getAsInt();
    Range range = to.range(register);
    int high = (int) range.high() - (to.wrong() && range.high() > 0 ? 1 : 0);
    Width width = chance.pick(Width.values());
    switch (chance.below(4)) {
      case 0 -> to.jump(width, JumpCondition.GREATER, register, new Imm(high), to.bad());
      case 1 -> to.jump(width, JumpCondition.SIGNED_GREATER, register, new Imm(high), to.bad());
      case 2 -> to.jump(width, JumpCondition.LESS, register, new Imm((int) range.low()), to.bad());
      default -> {
        int copy = to.free();
        if (copy != register) {
          to.move(copy, register);
          int above = high == 0 ? 0 : 32 - Integer.numberOfLeadingZeros(high);
          apply(Width.W64, AluOperation.RSH, copy, new Imm(above), Range.constant(above));
          to.jump(JumpCondition.NOT_EQUAL, copy, new Imm(0), to.bad());
        }
      }
    }
  }

  // Spills

  /// Puts a register's content into a stack slot.
  void spill() {
    OptionalInt found =
        to.find(content ->
            content instanceof Scalar
                || (to.loops == 0 && content instanceof Pointer p && !p.maybeNull()));
    if (found.isEmpty()) {
      return;
    }
    int slot = chance.below(Model.SLOTS);
    if (to.loops > 0 && !(to.model.slot(slot) instanceof Scalar)) {
      return;
    }
    store(found.getAsInt(), slot);
  }

  private void store(int register, int slot) {
    if (to.loops > 0 && !(to.model.slot(slot) instanceof Scalar)) {
      return;
    }
    Content content = to.model.register(register);
    boolean narrow = content instanceof Scalar && chance.percent(20);
    if (!narrow) {
      to.emit(
          new Store(
              MemorySize.DOUBLE,
              Register.R10,
              FunctionWriter.slotOffset(slot),
              new Reg(Register.of(register))));
      to.model.setSlot(slot, content);
    } else if (to.model.slot(slot) instanceof Scalar) {
      MemorySize size = chance.pick(MemorySize.BYTE, MemorySize.HALF, MemorySize.WORD);
      int offset = size.bytes() * chance.below(8 / size.bytes());
      to.emit(
          new Store(
              size,
              Register.R10,
              (short) (FunctionWriter.slotOffset(slot) + offset),
              new Reg(Register.of(register))));
      to.model.setSlot(slot, to.number(Range.ALL));
    }
  }

  /// Loads a stack slot, or part of one.
  void fill() {
    int slot = chance.below(Model.SLOTS);
    if (to.model.slot(slot) instanceof Content.Nothing && !to.wrong()) {
      return;
    }
    load(to.free(), slot);
  }

  private void load(int dst, int slot) {
    Content content = to.model.slot(slot);
    boolean narrow = content instanceof Scalar && chance.percent(25);
    short at = FunctionWriter.slotOffset(slot);
    if (content instanceof Content.Nothing) {
      return;
    }
    if (narrow) {
      MemorySize size = chance.pick(MemorySize.BYTE, MemorySize.HALF, MemorySize.WORD);
      int offset = size.bytes() * chance.below(8 / size.bytes());
      boolean signed = chance.percent(25);
      to.emit(new Load(size, signed, Register.of(dst), Register.R10, (short) (at + offset)));
      to.model.set(dst, to.number(signed ? Range.ALL : Range.ofBytes(size.bytes())));
      to.show(dst, 40);
    } else {
      to.emit(new Load(MemorySize.DOUBLE, false, Register.of(dst), Register.R10, at));
      to.model.set(dst, content);
    }
  }

  /// Any instruction on any registers.
  void wild() {
    Register dst = Register.of(chance.below(10));
    Register src = Register.of(chance.below(11));
    switch (chance.below(4)) {
      case 0 ->
          to.emit(
              FunctionWriter.alu(
                  chance.pick(Width.values()),
                  chance.pick(AluOperation.values()),
                  dst.number(),
                  new Reg(src)));
      case 1 ->
          to.emit(
              new Load(chance.pick(MemorySize.values()), false, dst, src, (short) chance.edge()));
      case 2 ->
          to.emit(
              new Store(
                  chance.pick(MemorySize.values()), src, (short) chance.edge(), new Reg(dst)));
      default -> to.emit(new Instruction.CallHelper(chance.below(212)));
    }
  }
}
