package org.ebpf4j.testkit;

import java.util.OptionalInt;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Instruction.Load;
import org.ebpf4j.isa.Instruction.Store;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.testkit.Code.Label;
import org.ebpf4j.testkit.Content.Kind;
import org.ebpf4j.testkit.Content.Pointer;
import org.ebpf4j.testkit.Content.Scalar;

/// Statements at which a verifier that forgets one thing goes wrong. Some are as they should be,
/// and some are mistakes that only that verifier would let pass.
final class Pitfalls {
  private static final int MISTAKES_PERCENT = 30;
  private static final int MOST_CHECKED = 16;

  private final FunctionWriter to;
  private final Chance chance;

  Pitfalls(FunctionWriter to) {
    this.to = to;
    this.chance = to.chance;
  }

  void statement() {
    switch (chance.below(5)) {
      case 0 -> oneOfTwoPointers();
      case 1 -> pointerOnOnePath();
      case 2 -> packetOnOnePath();
      case 3 -> partOfNumber();
      default -> storeAcrossSlots();
    }
  }

  private boolean mistaken() {
    return chance.percent(MISTAKES_PERCENT);
  }

  /// Of two pointers that may be 0, one is asked about. That says nothing of the other one.
  private void oneOfTwoPointers() {
    OptionalInt lasting = mayBeNull();
    if (lasting.isEmpty()) {
      return;
    }
    int first = lasting.getAsInt();
    to.keep(first);
    to.lookups().leaveOpen();
    to.lookups().checkNull(mistaken() ? 0 : first);
    to.release(first);
    to.accesses().unchecked(first);
  }

  /// A pointer that may be 0 is asked about on one of two paths.
  private void pointerOnOnePath() {
    OptionalInt lasting = mayBeNull();
    if (lasting.isEmpty()) {
      return;
    }
    int pointer = lasting.getAsInt();
    to.keep(pointer);
    Label met = maybe();
    Model before = to.model.copy();
    to.lookups().checkNull(pointer);
    to.code.place(met);
    to.model.become(before);
    if (!mistaken()) {
      to.lookups().checkNull(pointer);
    }
    to.release(pointer);
    to.accesses().unchecked(pointer);
  }

  /// A register that calls keep, with a pointer that may be 0.
  private OptionalInt mayBeNull() {
    OptionalInt lasting = to.lasting();
    if (lasting.isEmpty() || to.locked || !to.mayBail()) {
      return OptionalInt.empty();
    }
    to.lookups().leaveOpen();
    to.move(lasting.getAsInt(), 0);
    return lasting;
  }

  /// The packet's bounds are checked on one of two paths.
  private void packetOnOnePath() {
    if (!to.packets().mayOpen()) {
      return;
    }
    int pointer = to.packets().begin();
    to.keep(pointer);
    int bytes = chance.between(1, MOST_CHECKED);
    Label met = maybe();
    Model before = to.model.copy();
    to.packets().check(pointer, bytes);
    to.code.place(met);
    to.model.become(before);
    if (mistaken()) {
      to.packets().grow(to.packets().regionOf(pointer), bytes);
    } else {
      to.packets().check(pointer, bytes);
    }
    to.release(pointer);
    to.accesses().whole(pointer, MemorySize.BYTE);
  }

  /// Goes there or on, as some number has it.
  private Label maybe() {
    Label there = new Label();
    int condition = to.numbers().any();
    to.jump(chance.pick(JumpCondition.values()), condition, new Imm((int) chance.edge()), there);
    return there;
  }

  /// A part of a number is stored and loaded again: what a comparison then tells of the whole, it
  /// does not tell of the part.
  private void partOfNumber() {
    int slot = chance.below(Model.SLOTS);
    boolean filled = to.model.slot(slot) instanceof Scalar;
    if (to.loops > 0 && !filled) {
      return;
    }
    int whole = to.numbers().unknown();
    if (!(to.model.register(whole) instanceof Scalar)) {
      return;
    }
    boolean kept = to.isKept(whole);
    to.keep(whole);
    int part = to.free();
    MemorySize size = chance.pick(MemorySize.BYTE, MemorySize.HALF, MemorySize.WORD);
    short at = FunctionWriter.slotOffset(slot);
    to.emit(new Store(size, Register.R10, at, new Reg(Register.of(whole))));
    to.model.setSlot(slot, filled ? to.number(Range.ALL) : Content.NOTHING);
    to.emit(new Load(size, false, Register.of(part), Register.R10, at));
    to.model.set(part, to.number(Range.ofBytes(size.bytes())));
    JumpCondition condition = chance.pick(JumpCondition.values());
    int limit = (int) chance.edge();
    Label met = new Label();
    to.jump(condition, whole, new Imm(limit), met);
    branch(condition, part, limit);
    to.code.place(met);
    if (!kept) {
      to.release(whole);
    }
  }

  /// A part of the way that depends on a number.
  private void branch(JumpCondition condition, int number, int limit) {
    Label over = new Label();
    to.jump(condition, number, new Imm(limit), over);
    to.show(number, 100);
    to.code.place(over);
  }

  /// A byte is stored somewhere in the slots: what was there may be something else then.
  private void storeAcrossSlots() {
    if (to.loops > 0) {
      return;
    }
    int number = to.numbers().unknown();
    to.numbers().bound(number, FunctionWriter.SLOT_BYTES - 1);
    if (!to.range(number).below(FunctionWriter.SLOT_BYTES - 1)) {
      return;
    }
    int slot = chance.below(Model.SLOTS);
    int before = chance.below(2);
    boolean whole = chance.percent(50);
    MemorySize size = whole ? MemorySize.DOUBLE : MemorySize.WORD;
    short at = (short) (FunctionWriter.slotOffset(slot) + 8 - size.bytes());
    to.emit(new Store(size, Register.R10, at, new Imm(before)));
    boolean filled = whole || to.model.slot(slot) instanceof Scalar;
    to.model.setSlot(slot, filled ? to.number(Range.ALL) : Content.NOTHING);
    to.emit(FunctionWriter.alu(Width.W64, AluOperation.ADD, number, new Reg(Register.R10)));
    to.emit(
        FunctionWriter.alu(
            Width.W64, AluOperation.ADD, number, new Imm(-FunctionWriter.SLOT_BYTES)));
    to.model.set(number, Content.NOTHING);
    to.emit(new Store(MemorySize.BYTE, Register.of(number), (short) 0, new Imm(chance.below(256))));
    forgetSlots(mistaken());
    int loaded = to.free();
    to.emit(new Load(size, false, Register.of(loaded), Register.R10, at));
    to.model.set(loaded, to.number(Range.ofBytes(size.bytes())));
    branch(JumpCondition.EQUAL, loaded, before);
  }

  /// What slots held may not be there any more.
  ///
  /// @param mistaken whether it is taken to be
  private void forgetSlots(boolean mistaken) {
    for (int slot = 0; slot < Model.SLOTS; slot++) {
      boolean stack = to.model.slot(slot) instanceof Pointer p && p.region().kind() == Kind.STACK;
      if (!mistaken || stack) {
        boolean number = to.model.slot(slot) instanceof Scalar;
        to.model.setSlot(slot, number ? to.number(Range.ALL) : Content.NOTHING);
      }
    }
  }
}
