package org.ebpf4j.jit.internal.emit;

import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.MethodTypeDesc;
import org.ebpf4j.isa.Register;
import org.ebpf4j.jit.internal.memory.RunMethods;

/// What functions of unverified programs see of each other's registers: a callee finds its caller's
/// `R0` and `R6` to `R9`, and the caller gets back what the callee left in `R1` to `R5`. No proven
/// program looks at those.
final class PassedRegisters {
  private static final int[] IN = {0, 6, 7, 8, 9};
  private static final int[] OUT = {1, 2, 3, 4, 5};

  private final CodeBuilder code;
  private final Registers registers;

  PassedRegisters(Method method) {
    this.code = method.code();
    this.registers = method.registers();
  }

  /// Before a call.
  void give(int slot) {
    save(slot, IN);
  }

  /// Where a function begins.
  void take(int slot) {
    restore(slot, IN);
  }

  /// Where a function ends.
  void giveBack(int slot) {
    save(slot, OUT);
  }

  /// After a call.
  void takeBack(int slot) {
    restore(slot, OUT);
  }

  private void save(int slot, int[] numbers) {
    for (int number : numbers) {
      array();
      code.loadConstant(number);
      registers.push(code, slot, Register.of(number));
      code.lastore();
    }
  }

  private void restore(int slot, int[] numbers) {
    for (int number : numbers) {
      array();
      code.loadConstant(number).laload();
      registers.restore(code, slot, number);
    }
  }

  private void array() {
    RunMethods.push(code);
    RunMethods.call(code, "passed", MethodTypeDesc.of(CD_long.arrayType()));
  }
}
