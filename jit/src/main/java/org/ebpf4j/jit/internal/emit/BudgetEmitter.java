package org.ebpf4j.jit.internal.emit;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import org.ebpf4j.jit.internal.memory.RunMethods;
import org.ebpf4j.runtime.internal.run.Fault;

/// Writes what takes instructions off the run's budget, in programs that nobody has proven. What is
/// left is a local, from where a method begins until it ends or lets others run; written out, so
/// that HotSpot need not draw in a call for each block.
final class BudgetEmitter {
  private static final ClassDesc FAULT = Fault.class.describeConstable().orElseThrow();

  private final CodeBuilder code;
  private final boolean counts;
  private final int left;

  BudgetEmitter(Method method) {
    this.code = method.code();
    this.counts = method.program().checked();
    this.left = method.registers().budget();
  }

  /// Takes from the run what is left.
  void take() {
    if (counts) {
      RunMethods.push(code);
      RunMethods.call(code, "budget", MethodTypeDesc.of(CD_long));
      code.lstore(left);
    }
  }

  /// Tells the run what is left.
  void give() {
    if (counts) {
      RunMethods.push(code);
      code.lload(left);
      RunMethods.call(code, "budget", MethodTypeDesc.of(CD_void, CD_long));
    }
  }

  /// Takes the instructions of a block off, or ends in a fault.
  ///
  /// @param slot of the first
  void spend(int slot, int instructions) {
    if (counts) {
      Label enough = code.newLabel();
      code.lload(left).loadConstant((long) instructions).lsub().dup2().lstore(left);
      code.lconst_0().lcmp().ifge(enough);
      RunMethods.push(code);
      code.loadConstant(slot).loadConstant(instructions).lload(left);
      RunMethods.call(code, "exhausted", MethodTypeDesc.of(FAULT, CD_int, CD_int, CD_long));
      code.athrow();
      code.labelBinding(enough);
    }
  }
}
