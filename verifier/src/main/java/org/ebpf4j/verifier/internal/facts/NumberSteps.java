package org.ebpf4j.verifier.internal.facts;

import java.nio.ByteOrder;
import java.util.Arrays;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Width;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.domain.Comparison;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.domain.ScalarArithmetic;

/// What an instruction makes of the numbers in registers and stack cells.
///
/// Nothing here is a pointer: what one is made of may be any number. A state holds the registers 0
/// to 9, then the function's [StackCells].
final class NumberSteps {
  static final int REGISTERS = 10;

  private final ProgramCode code;
  private final Observations observed;
  private final StackCells cells;

  NumberSteps(ProgramCode code, Observations observed, StackCells cells) {
    this.code = code;
    this.observed = observed;
    this.cells = cells;
  }

  /// Changes a state to that after an instruction which goes on to the next one.
  void apply(int slot, Scalar[] state) {
    switch (code.at(slot)) {
      case Instruction.Alu i -> set(state, i.dst().number(), alu(i, state));
      case Instruction.Negate i -> {
        Scalar value = get(state, i.dst().number());
        set(state, i.dst().number(), ScalarArithmetic.negate(i.width() == Width.W64, value));
      }
      case Instruction.MoveSignExtended i -> {
        Scalar value = get(state, i.src().number());
        boolean wide = i.width() == Width.W64;
        set(
            state,
            i.dst().number(),
            wide ? value.signExtend(i.bits()) : value.signExtend32(i.bits()));
      }
      case Instruction.SwapBytes i -> set(state, i.dst().number(), swap(i, state));
      case Instruction.CastAddressSpace i -> set(state, i.dst().number(), Scalar.UNKNOWN);
      case Instruction.LoadImmediate64 i -> {
        boolean plain =
            i.source() == Instruction.LoadImmediate64.Source.VALUE && code.reference(slot) == null;
        set(state, i.dst().number(), plain ? Scalar.constant(i.value()) : Scalar.UNKNOWN);
      }
      case Instruction.Load i ->
          set(state, i.dst().number(), load(slot, i.size().bytes(), i.signed(), state));
      case Instruction.LoadAcquire i ->
          set(state, i.dst().number(), load(slot, i.size().bytes(), false, state));
      case Instruction.Store i -> {
        if (cells.at(slot) >= 0) {
          store(slot, operand(i.src(), state).truncate(i.size().bytes()), state);
        }
      }
      case Instruction.StoreRelease i -> {
        if (cells.at(slot) >= 0) {
          store(slot, get(state, i.src().number()).truncate(i.size().bytes()), state);
        }
      }
      case Instruction.Atomic i -> atomic(slot, i, state);
      case Instruction.CallHelper i -> {
        Scalar result = observed.result(slot);
        called(state, result == null ? Scalar.UNKNOWN : result);
      }
      case Instruction.CallKernel i -> called(state, Scalar.UNKNOWN);
      case Instruction.LoadPacket i -> called(state, Scalar.UNKNOWN);
      case Instruction.Jump i -> {}
      case Instruction.Goto i -> {}
      case Instruction.MayGoto i -> {}
      case Instruction.CallLocal i -> {}
      case Instruction.Exit i -> {}
      case null -> {}
    }
  }

  /// What a call leaves: its result, and of the registers those that it must preserve.
  static void called(Scalar[] state, Scalar result) {
    Arrays.fill(state, 0, 6, Scalar.UNKNOWN);
    state[0] = result;
  }

  /// Lets both sides of a jump learn from the way it goes.
  ///
  /// @return false if it cannot go that way
  boolean refine(Instruction.Jump jump, boolean taken, Scalar[] state) {
    boolean wide = jump.width() == Width.W64;
    int dst = jump.dst().number();
    Scalar left = get(state, dst);
    Scalar right = operand(jump.src(), state);
    if (jump.src() instanceof Operand.Reg(var register) && register == jump.dst()) {
      return true;
    }
    Comparison.Outcome outcome = Comparison.outcome(jump.condition(), wide, left, right);
    if (outcome != Comparison.Outcome.UNKNOWN) {
      return taken == (outcome == Comparison.Outcome.ALWAYS);
    }
    Comparison.Refined refined = Comparison.refine(jump.condition(), taken, wide, left, right);
    if (!refined.possible()) {
      return false;
    }
    // A comparison as Linux does it may forget what was known before.
    set(state, dst, refined.left().meet(left).withBoundsOnStride());
    if (jump.src() instanceof Operand.Reg(var register)) {
      set(state, register.number(), refined.right().meet(right).withBoundsOnStride());
    }
    return true;
  }

  private static Scalar get(Scalar[] state, int register) {
    return register < REGISTERS ? state[register] : Scalar.UNKNOWN;
  }

  private static void set(Scalar[] state, int register, Scalar value) {
    if (register < REGISTERS) {
      state[register] = value;
    }
  }

  private static Scalar operand(Operand operand, Scalar[] state) {
    return switch (operand) {
      case Operand.Reg(var register) -> get(state, register.number());
      case Operand.Imm(int value) -> Scalar.constant(value);
    };
  }

  private static Scalar alu(Instruction.Alu alu, Scalar[] state) {
    boolean wide = alu.width() == Width.W64;
    Scalar left = get(state, alu.dst().number());
    Scalar right = operand(alu.src(), state);
    return switch (alu.operation()) {
      case MOV -> wide ? right : right.low32();
      case DIV -> divide(wide ? left : left.low32(), wide ? right : right.low32());
      case MOD -> remainder(wide ? left : left.low32(), wide ? right : right.low32());
      case SUB, XOR ->
          isSame(alu) ? Scalar.ZERO : ScalarArithmetic.apply(alu.operation(), wide, left, right);
      case ADD, MUL, AND, OR, LSH, RSH, ARSH, SDIV, SMOD ->
          ScalarArithmetic.apply(alu.operation(), wide, left, right);
    };
  }

  private static boolean isSame(Instruction.Alu alu) {
    return alu.src() instanceof Operand.Reg(var register) && register == alu.dst();
  }

  /// The quotient of unsigned numbers; by 0 it is 0.
  private static Scalar divide(Scalar left, Scalar right) {
    if (left.isConstant() && right.isConstant()) {
      long divisor = right.value();
      return Scalar.constant(divisor == 0 ? 0 : Long.divideUnsigned(left.value(), divisor));
    }
    long least = right.umin() == 0 ? 0 : Long.divideUnsigned(left.umin(), right.umax());
    long divisor = right.umin() == 0 ? 1 : right.umin();
    return Scalar.unsignedRange(least, Long.divideUnsigned(left.umax(), divisor));
  }

  /// The remainder of unsigned numbers; by 0 it is the dividend.
  private static Scalar remainder(Scalar left, Scalar right) {
    if (right.umin() == 0) {
      return Scalar.unsignedRange(0, left.umax());
    }
    if (Long.compareUnsigned(left.umax(), right.umin()) < 0) {
      return left;
    }
    long greatest = right.umax() - 1;
    return Scalar.unsignedRange(
        0, Long.compareUnsigned(left.umax(), greatest) < 0 ? left.umax() : greatest);
  }

  private static Scalar swap(Instruction.SwapBytes swap, Scalar[] state) {
    Scalar value = get(state, swap.dst().number());
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    boolean reverses =
        switch (swap.order()) {
          case SWAP -> true;
          case TO_BIG -> little;
          case TO_LITTLE -> !little;
        };
    return reverses ? value.reverseBytes(swap.bits()) : value.truncate(swap.bits() / 8);
  }

  private Scalar load(int slot, int size, boolean signed, Scalar[] state) {
    int cell = cells.at(slot);
    if (cell >= 0) {
      Scalar stored = state[REGISTERS + cell];
      return signed ? stored.signExtend(size * 8) : stored;
    }
    Scalar result = observed.result(slot);
    if (result != null && !observed.mayTouchStack(slot)) {
      return result;
    }
    return signed ? Scalar.UNKNOWN.signExtend(size * 8) : Scalar.UNKNOWN.truncate(size);
  }

  private void store(int slot, Scalar value, Scalar[] state) {
    state[REGISTERS + cells.at(slot)] = value;
  }

  private void atomic(int slot, Instruction.Atomic atomic, Scalar[] state) {
    Scalar unknown = Scalar.UNKNOWN.truncate(atomic.size().bytes());
    if (cells.at(slot) >= 0) {
      store(slot, unknown, state);
    }
    if (atomic.operation().fetches()) {
      boolean exchange = atomic.operation() == AtomicOperation.CMPXCHG;
      set(state, exchange ? 0 : atomic.src().number(), unknown);
    }
  }
}
