package org.ebpf4j.testkit;

import java.util.OptionalInt;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Instruction.CallKernel;
import org.ebpf4j.isa.Instruction.Goto;
import org.ebpf4j.isa.Instruction.Load;
import org.ebpf4j.isa.Instruction.MayGoto;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.testkit.Code.Label;
import org.ebpf4j.testkit.Content.Scalar;

/// Statements with paths: branches and loops.
final class Paths {
  private static final int MOST_ROUNDS = 6;

  private final FunctionWriter to;
  private final Chance chance;

  Paths(FunctionWriter to) {
    this.to = to;
    this.chance = to.chance;
  }

  /// One thing or another, or nothing.
  void either() {
    int condition = to.numbers().any();
    Label otherwise = new Label();
    Label met = new Label();
    JumpCondition test = chance.pick(JumpCondition.values());
    Width width = chance.pick(Width.values());
    if (chance.percent(25)) {
      int other = to.numbers().any();
      if (!(to.model.register(condition) instanceof Scalar)) {
        return;
      }
      to.jump(width, test, condition, new Reg(Register.of(other)), otherwise);
    } else {
      to.jump(width, test, condition, new Imm((int) chance.edge()), otherwise);
    }
    Model before = to.model.copy();
    to.statements(chance.between(1, 3));
    Model first = to.model.copy();
    if (chance.percent(50)) {
      to.code.place(otherwise);
      to.model.become(before);
    } else {
      to.emit(new Goto(0, false), met);
      to.code.place(otherwise);
      to.model.become(before);
      to.statements(chance.between(1, 3));
      to.code.place(met);
    }
    to.model.join(first);
  }

  void loop() {
    if (to.loops >= 2) {
      return;
    }
    OptionalInt counter = to.lasting();
    if (counter.isEmpty()) {
      return;
    }
    boolean calls = !to.locked;
    switch (chance.below(calls ? 4 : 3)) {
      case 0 -> counted(counter.getAsInt());
      case 1 -> upTo(counter.getAsInt());
      case 2 -> mayGo(counter.getAsInt());
      default -> iterated();
    }
  }

  /// What runs again begins with what holds each time: registers that do not survive, or that it
  /// may change, are anything.
  private void body() {
    to.loops++;
    int kept = 0;
    for (int i = 0; i <= 9; i++) {
      if (to.isKept(i)) {
        continue;
      }
      if (i <= 5) {
        to.model.set(i, Content.NOTHING);
      } else if (chance.percent(50)) {
        to.model.set(i, to.number(Range.ALL));
      } else {
        to.keep(i);
        kept |= 1 << i;
      }
    }
    Model before = to.model.copy();
    to.statements(chance.between(1, 3));
    for (int i = 6; i <= 9; i++) {
      if (before.register(i) instanceof Scalar && !(to.model.register(i) instanceof Scalar)) {
        to.constant(i, chance.below(8));
      }
    }
    to.model.become(before);
    for (int i = 0; i <= 9; i++) {
      if ((kept & 1 << i) != 0) {
        to.release(i);
      }
    }
    to.loops--;
  }

  /// Before a loop: what its body may change, holds numbers.
  private void prepare() {
    for (int i = 6; i <= 9; i++) {
      if (!to.isKept(i) && to.model.holdsNothing(i)) {
        to.constant(i, chance.below(8));
      }
    }
    for (int slot = 0; slot < Model.SLOTS; slot++) {
      if (to.model.slot(slot) instanceof Scalar) {
        to.model.setSlot(slot, to.number(Range.ALL));
      }
    }
  }

  /// `do … while (++i < n)`.
  private void counted(int counter) {
    to.constant(counter, 0);
    to.keep(counter);
    prepare();
    Label head = new Label();
    to.model.set(counter, to.number(new Range(0, MOST_ROUNDS)));
    to.code.place(head);
    body();
    Width width = chance.pick(Width.values());
    to.emit(FunctionWriter.alu(width, AluOperation.ADD, counter, new Imm(1)));
    int rounds = chance.between(1, MOST_ROUNDS);
    JumpCondition again =
        chance.pick(JumpCondition.LESS, JumpCondition.NOT_EQUAL, JumpCondition.SIGNED_LESS);
    to.jump(width, again, counter, new Imm(rounds), head);
    to.release(counter);
    to.model.set(counter, to.number(new Range(0, MOST_ROUNDS + 1)));
  }

  /// `for (i = 0; i < n; i++)` with an `n` that is not known.
  private void upTo(int counter) {
    to.constant(counter, 0);
    to.keep(counter);
    prepare();
    OptionalInt limit = to.lasting();
    if (limit.isEmpty() || !to.mayBail()) {
      to.release(counter);
      return;
    }
    int most = limit.getAsInt();
    to.numbers().input(most);
    to.numbers().bound(most, chance.between(1, MOST_ROUNDS));
    to.keep(most);
    Label head = new Label();
    Label done = new Label();
    to.code.place(head);
    to.jump(JumpCondition.GREATER_OR_EQUAL, counter, new Reg(Register.of(most)), done);
    to.model.set(counter, to.number(new Range(0, MOST_ROUNDS)));
    body();
    to.emit(FunctionWriter.alu(Width.W64, AluOperation.ADD, counter, new Imm(1)));
    to.emit(new Goto(0, false), head);
    to.code.place(done);
    to.release(counter);
    to.release(most);
    to.model.set(counter, to.number(new Range(0, MOST_ROUNDS)));
  }

  /// A loop that the host may end, and that ends by itself before long.
  private void mayGo(int counter) {
    to.constant(counter, 0);
    to.keep(counter);
    prepare();
    Label head = new Label();
    Label done = new Label();
    to.code.place(head);
    to.emit(new MayGoto((short) 0), done);
    to.model.set(counter, to.number(new Range(0, MOST_ROUNDS)));
    body();
    to.emit(FunctionWriter.alu(Width.W64, AluOperation.ADD, counter, new Imm(1)));
    to.jump(JumpCondition.LESS, counter, new Imm(chance.between(1, MOST_ROUNDS)), head);
    to.code.place(done);
    to.release(counter);
    to.model.set(counter, to.number(new Range(0, MOST_ROUNDS)));
  }

  /// A loop over an iterator of numbers, which lies in a stack slot.
  private void iterated() {
    int slot = chance.below(Model.SLOTS);
    if (to.loops > 0 || to.program.type == org.ebpf4j.abi.ProgramType.RAW_TRACEPOINT) {
      return;
    }
    prepare();
    to.slotAddress(1, slot);
    to.constant(2, chance.below(3));
    to.constant(3, chance.below(MOST_ROUNDS));
    to.model.setSlot(slot, Content.NOTHING);
    iterator("new");
    to.held++;
    Label head = new Label();
    Label done = new Label();
    to.code.place(head);
    to.slotAddress(1, slot);
    iterator("next");
    to.jump(JumpCondition.EQUAL, 0, new Imm(0), done);
    int index = 0;
    to.emit(new Load(MemorySize.WORD, false, Register.of(index), Register.R0, (short) 0));
    to.model.set(index, to.number(Range.WORD));
    body();
    to.emit(new Goto(0, false), head);
    to.code.place(done);
    to.model.clobber();
    if (!to.wrong()) {
      to.slotAddress(1, slot);
      iterator("destroy");
    }
    to.held--;
  }

  private void iterator(String step) {
    int type = to.program.types.iteratorFunction(step);
    CallKernel call = new CallKernel(0, (short) 0);
    to.program.note(call, to.model);
    to.code.emit(call, new Reference.KernelFunction(0, "bpf_iter_num_" + step, type, false));
    to.model.clobber();
  }
}
