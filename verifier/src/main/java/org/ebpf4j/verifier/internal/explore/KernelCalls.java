package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.isa.Instruction;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.internal.outcome.NotJudged;

/// Calls of kernel functions.
final class KernelCalls {
  private final Walk walk;

  KernelCalls(Walk walk) {
    this.walk = walk;
  }

  /// @return the slot to go on from
  int call(Instruction.CallKernel call) {
    Reference reference = walk.code.reference(walk.slot);
    String name =
        reference instanceof Reference.KernelFunction function
            ? function.name()
            : "#" + call.btfId();
    throw new NotJudged("the program calls kernel function " + name);
  }
}
