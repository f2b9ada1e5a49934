package org.ebpf4j.verifier.internal.explore;

import java.util.Optional;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.KernelFunction;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.internal.code.ControlFlow;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.rules.HelperTraits;
import org.ebpf4j.verifier.internal.rules.Rules;

/// What the graph of instructions needs to know of calls, from the tables.
public final class TableCalls implements ControlFlow.CallKinds {
  private static final int ALL_ARGUMENTS = 5;

  private final ProgramCode code;
  private final Rules rules;

  public TableCalls(ProgramCode code, Rules rules) {
    this.code = code;
    this.rules = rules;
  }

  @Override
  public boolean callsBack(int helper) {
    return rules.helper(helper).map(h -> HelperTraits.callsBack(h.name())).orElse(false);
  }

  @Override
  public boolean callsBackLater(int helper) {
    return rules.helper(helper).map(h -> HelperTraits.callsBackLater(h.name())).orElse(false);
  }

  @Override
  public boolean kernelCallsBack(int slot) {
    return KernelCalls.isCallOf(code, slot, "bpf_rbtree_add_impl");
  }

  @Override
  public boolean kernelCallsBackLater(int slot) {
    return code.reference(slot) instanceof Reference.KernelFunction function
        && switch (function.name()) {
          case "bpf_wq_set_callback_impl",
              "bpf_task_work_schedule_signal_impl",
              "bpf_task_work_schedule_resume_impl" ->
              true;
          default -> false;
        };
  }

  @Override
  public boolean isIteratorNext(int slot) {
    return kernelCall(slot).map(call -> call.has(KernelFunction.Flag.ITER_NEXT)).orElse(false);
  }

  @Override
  public boolean mayJumpBack() {
    return !rules.isUnprivileged();
  }

  @Override
  public int arguments(int helper) {
    return rules.helper(helper).map(h -> h.arguments().size()).orElse(ALL_ARGUMENTS);
  }

  @Override
  public int registers(int helper) {
    return rules.helper(helper).map(HelperPrototype::registers).orElse(ALL_ARGUMENTS);
  }

  @Override
  public int kernelArguments(int slot) {
    return rules
        .ownFunction(code.reference(slot))
        .map(own -> own.arguments().size())
        .or(() -> kernelCall(slot).map(call -> call.parameters().size()))
        .orElse(ALL_ARGUMENTS);
  }

  private Optional<KernelFunction> kernelCall(int slot) {
    return rules.ownFunction(code.reference(slot)).isEmpty()
            && code.reference(slot) instanceof Reference.KernelFunction function
        ? KernelFunction.byName(function.name())
        : Optional.empty();
  }
}
