package org.ebpf4j.jit.internal.emit;

import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.MethodTypeDesc;
import java.util.Optional;
import org.ebpf4j.isa.Register;
import org.ebpf4j.jit.internal.memory.RunMethods;
import org.ebpf4j.runtime.internal.engine.CheckedRun;
import org.ebpf4j.verifier.Facts;

/// Carries what is live from one method of a function to the next, in an array of the run: the
/// registers by number, then the rounds of `may_goto`.
final class Carrier {
  private static final int ROUNDS = CheckedRun.CARRIED - 1;
  private static final int REGISTERS = ROUNDS;

  /// How registers are held where control passes: what passes in the same way shares the code for
  /// it.
  ///
  /// @param live those that are, as bits
  /// @param ints of these, those that are ints
  /// @param small of these, the small numbers
  record Shape(int live, int ints, int small) {}

  private final Optional<Facts> facts;

  /// The local that holds the array.
  private final int array;

  Carrier(ProgramParts program, int array) {
    this.facts = program.facts();
    this.array = array;
  }

  /// How registers are held before the block at a slot.
  Shape shape(Registers registers, int slot) {
    int live = 0;
    int ints = 0;
    int small = 0;
    for (int register = 0; register < REGISTERS; register++) {
      if (isLive(slot, register)) {
        int bit = 1 << register;
        live |= bit;
        ints |= registers.isInt(slot, Register.of(register)) ? bit : 0;
        small |= registers.isSmall(slot, Register.of(register)) ? bit : 0;
      }
    }
    return new Shape(live, ints, small);
  }

  /// Gets the array.
  void begin(CodeBuilder code) {
    RunMethods.push(code);
    RunMethods.call(code, "carried", MethodTypeDesc.of(CD_long.arrayType()));
    code.astore(array);
  }

  /// Before control goes to the block at a slot, in another method.
  void save(CodeBuilder code, Registers registers, int slot) {
    for (int register = 0; register < REGISTERS; register++) {
      if (isLive(slot, register)) {
        code.aload(array);
        code.loadConstant(register);
        registers.push(code, slot, Register.of(register));
        code.lastore();
      }
    }
    code.aload(array);
    code.loadConstant(ROUNDS).iload(registers.rounds()).i2l().lastore();
  }

  /// Where control comes to the block at a slot.
  void restore(CodeBuilder code, Registers registers, int slot) {
    for (int register = 0; register < REGISTERS; register++) {
      if (isLive(slot, register)) {
        code.aload(array);
        code.loadConstant(register).laload();
        registers.restore(code, slot, register);
      }
    }
    code.aload(array);
    code.loadConstant(ROUNDS).laload().l2i().istore(registers.rounds());
  }

  /// Saves a result, which is on the stack.
  void saveResult(CodeBuilder code, int free) {
    code.lstore(free);
    code.aload(array);
    code.iconst_0().lload(free).lastore();
  }

  /// Pushes what was saved as result.
  void pushResult(CodeBuilder code) {
    code.aload(array);
    code.iconst_0().laload();
  }

  private boolean isLive(int slot, int register) {
    return facts.isEmpty() || facts.get().isLive(slot, register);
  }
}
