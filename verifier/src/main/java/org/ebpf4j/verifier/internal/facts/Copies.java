package org.ebpf4j.verifier.internal.facts;

import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.domain.ScalarArithmetic;

/// Which registers differ by a constant, from the start of a block on: compilers copy a counter,
/// add to it, and test the copy. What a test says of one then holds of the others too.
final class Copies {
  private static final int REGISTERS = NumberSteps.REGISTERS;

  /// By register: the number of a value that it was made of, and what was added to that.
  private final int[] origins = new int[REGISTERS];

  private final long[] added = new long[REGISTERS];
  private int nextOrigin;

  /// Forgets everything.
  void begin() {
    nextOrigin = 0;
    for (int register = 0; register < REGISTERS; register++) {
      forget(register);
    }
  }

  private void forget(int register) {
    origins[register] = nextOrigin++;
    added[register] = 0;
  }

  void apply(Instruction instruction) {
    switch (instruction) {
      case Instruction.CallHelper _,
          Instruction.CallKernel _,
          Instruction.CallLocal _,
          Instruction.LoadPacket _ -> {
        for (int register = 0; register <= Register.R5.number(); register++) {
          forget(register);
        }
      }
      case Instruction.Atomic atomic when atomic.operation() == AtomicOperation.CMPXCHG ->
          forget(Register.R0.number());
      case Instruction.Alu alu when alu.width() == Width.W64 -> compute(alu);
      default -> instruction.result().ifPresent(written -> forgetIfKept(written.number()));
    }
  }

  private void compute(Instruction.Alu alu) {
    int dst = alu.dst().number();
    if (dst >= REGISTERS) {
      return;
    }
    switch (alu.src()) {
      case Operand.Reg(Register src)
          when alu.operation() == AluOperation.MOV && src.number() < REGISTERS -> {
        origins[dst] = origins[src.number()];
        added[dst] = added[src.number()];
      }
      case Operand.Imm(int value) when alu.operation() == AluOperation.ADD -> added[dst] += value;
      case Operand.Imm(int value) when alu.operation() == AluOperation.SUB -> added[dst] -= value;
      default -> forget(dst);
    }
  }

  private void forgetIfKept(int register) {
    if (register < REGISTERS) {
      forget(register);
    }
  }

  /// Lets all that a register differs from by a constant learn what is known of it.
  void spread(Register known, Scalar[] state) {
    int from = known.number();
    if (from >= REGISTERS) {
      return;
    }
    for (int register = 0; register < REGISTERS; register++) {
      if (register != from && origins[register] == origins[from]) {
        Scalar distance = Scalar.constant(added[register] - added[from]);
        Scalar value = ScalarArithmetic.apply(AluOperation.ADD, true, state[from], distance);
        state[register] = state[register].meet(value).withBoundsOnStride();
      }
    }
  }
}
