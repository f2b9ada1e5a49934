package org.ebpf4j.verifier.internal.explore;

import java.util.Set;
import org.ebpf4j.abi.KernelFunction;
import org.ebpf4j.abi.KernelFunction.Flag;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.outcome.NotJudged;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.rules.KernelTypes;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// Calls of kernel functions. Source of the rules: `check_kfunc_call` in Linux's
/// `kernel/bpf/verifier.c`.
final class KernelCalls {
  private static final int MAX_ERRNO = 4095;

  /// What loaders make of calls of weak kernel functions that are not there.
  private static final int MISSING_FUNCTION = 2_002_000_000;

  private static final Set<String> UNDER_LOCK =
      Set.of(
          "bpf_iter_num_new",
          "bpf_iter_num_next",
          "bpf_iter_num_destroy",
          "bpf_res_spin_lock",
          "bpf_res_spin_unlock",
          "bpf_res_spin_lock_irqsave",
          "bpf_res_spin_unlock_irqrestore");

  private final Walk walk;
  private final KernelArguments arguments;
  private final KernelResults results;
  private final Sections sections;
  private final References references;
  private final Iterators iterators;
  private final ObjectGraph graph;
  private final Callbacks callbacks;
  private final ReturnCheck returns;

  KernelCalls(
      Walk walk,
      KernelArguments arguments,
      KernelResults results,
      Sections sections,
      References references,
      Iterators iterators,
      ObjectGraph graph,
      Callbacks callbacks,
      ReturnCheck returns) {
    this.walk = walk;
    this.arguments = arguments;
    this.results = results;
    this.sections = sections;
    this.references = references;
    this.iterators = iterators;
    this.graph = graph;
    this.callbacks = callbacks;
    this.returns = returns;
  }

  /// The function that a call calls. A weak one that the kernel lacks must not be reached.
  private KernelFunction function(Reference reference) {
    if (!(reference instanceof Reference.KernelFunction function)) {
      throw new NotJudged("the program calls a kernel function by number");
    }
    if (isMissing(function, walk.rules)) {
      throw walk.refuse(Errno.EINVAL, "invalid func unknown#%d", MISSING_FUNCTION);
    }
    return KernelFunction.byName(function.name()).orElseThrow(() -> unknown(function.name()));
  }

  private static boolean isMissing(Reference.KernelFunction function, Rules rules) {
    KernelTypes kernel = rules.kernel();
    return function.weak()
        && kernel.isKnown()
        && !kernel.hasFunction(function.name(), rules.objectBtf(), function.type());
  }

  /// The function with a number in the kernel's types. Number 0 is none, which Linux finds out only
  /// where a call of it is left in the end.
  private KernelFunction numbered(int number) {
    KernelTypes kernel = walk.rules.kernel();
    if (number == 0) {
      throw walk.refuse(
          Errno.EINVAL, "invalid kernel function call not eliminated in verifier pass");
    }
    if (!kernel.isWhole()
        || !kernel.btf().has(number)
        || !(kernel.btf().type(number) instanceof BtfType.Function function)) {
      throw new NotJudged("the program calls kernel function #" + number);
    }
    return KernelFunction.byName(function.name()).orElseThrow(() -> unknown(function.name()));
  }

  /// A function that is in no table. That the kernel does not offer it to programs, its types tell.
  private RuntimeException unknown(String name) {
    KernelTypes kernel = walk.rules.kernel();
    return kernel.isKnown() && kernel.isWithheld(name)
        ? walk.refuse(Errno.EACCES, "calling kernel function %s is not allowed", name)
        : new NotJudged("the program calls kernel function " + name);
  }

  /// Checks what holds of all calls of kernel functions, reached or not. Source: `add_kfunc_call`.
  static void checkAll(ProgramCode code, Rules rules) {
    for (int slot = 0; slot < code.size(); slot++) {
      if (!(code.at(slot) instanceof Instruction.CallKernel call)) {
        continue;
      }
      Reference reference = code.reference(slot);
      if (reference instanceof Reference.KernelFunction function && isMissing(function, rules)) {
        continue; // loaders leave no call of a kernel function there
      }
      if (!rules.isGpl() && rules.ownFunction(reference).isEmpty()) {
        throw Refusal.at(
            Errno.EINVAL, slot, "cannot call kernel function from non-GPL compatible program");
      }
      if (reference instanceof Reference.KernelFunction function
          && function.name().startsWith("bpf_xdp_metadata_")) {
        throw Refusal.at(Errno.EINVAL, slot, "metadata kfuncs require device-bound program");
      }
      if (reference == null) {
        checkNumber(slot, call.btfId(), rules);
      }
    }
  }

  /// A function given by its number in the kernel's types.
  private static void checkNumber(int slot, int number, Rules rules) {
    KernelTypes kernel = rules.kernel();
    boolean decided = number != 0 && kernel.isWhole();
    if (decided
        && !(kernel.btf().has(number) && kernel.btf().type(number) instanceof BtfType.Function)) {
      throw Refusal.at(
          Errno.EINVAL,
          slot,
          "kernel btf_id %s is not a function".formatted(Integer.toUnsignedString(number)));
    }
  }

  /// Whether the instruction at a slot calls this kernel function.
  static boolean isCallOf(ProgramCode code, int slot, String name) {
    return slot >= 0
        && code.at(slot) instanceof Instruction.CallKernel
        && code.reference(slot) instanceof Reference.KernelFunction function
        && function.name().equals(name);
  }

  /// @return the slot to go on from, or [FunctionCalls#ENDS]
  int call(Instruction.CallKernel call) {
    Reference reference = walk.code.reference(walk.slot);
    KernelFunction function = reference == null ? numbered(call.btfId()) : function(reference);
    checkMayCall(function);
    KernelCallFacts facts = new KernelCallFacts(function);
    boolean mayFail = facts.is("bpf_res_spin_lock") || facts.is("bpf_res_spin_lock_irqsave");
    if (mayFail) {
      failToLock();
    }
    arguments.check(facts);
    callBack(facts);
    sections.apply(function);
    if (facts.releaseRegister != 0) {
      references.release(walk.peek(facts.releaseRegister).reference());
    }
    switch (function.name()) {
      case "bpf_list_push_front_impl", "bpf_list_push_back_impl", "bpf_rbtree_add_impl" ->
          graph.giveAway(walk.peek(2).reference());
      default -> {}
    }
    if (facts.is("bpf_throw")) {
      throwException();
      return FunctionCalls.ENDS;
    }
    Value first = walk.peek(1);
    Value result = results.of(facts, first);
    walk.clobber();
    if (function.has(Flag.ITER_NEXT)) {
      iterators.next(first, result);
    } else {
      walk.state.setRegister(0, result);
    }
    if (facts.is("bpf_xdp_pull_data")) {
      references.forgetPacket();
    }
    return walk.slot + 1;
  }

  private void checkMayCall(KernelFunction function) {
    String name = function.name();
    if (walk.state.lockCount > 0
        && !UNDER_LOCK.contains(name)
        && !ObjectGraph.isGraphFunction(name)) {
      throw walk.refuse(Errno.EINVAL, "function calls are not allowed while holding a lock");
    }
    if (!function.allows(walk.rules.type(), walk.rules.hook())) {
      throw walk.refuse(Errno.EACCES, "calling kernel function %s is not allowed", name);
    }
    if (function.has(Flag.SLEEPABLE) && !walk.state.sleepable) {
      throw walk.refuse(Errno.EACCES, "program must be sleepable to call sleepable kfunc %s", name);
    }
    if (name.equals("__bpf_trap")) {
      throw walk.refuse(Errno.EFAULT, "unexpected __bpf_trap() due to uninitialized variable?");
    }
    if (function.has(Flag.RCU_PROTECTED) && !walk.rules.inRcu(walk.state)) {
      throw walk.refuse(
          Errno.EACCES, "kernel func %s requires RCU critical section protection", name);
    }
  }

  /// A resilient lock may not be had: one path goes on without it, with an error.
  private void failToLock() {
    VerifierState failed = walk.fork(walk.slot + 1, Errno.ENOMEM);
    for (int i = 0; i <= 5; i++) {
      failed.setRegister(i, Value.UNINITIALIZED);
    }
    failed.setRegister(0, Value.scalar(Scalar.intRange(-MAX_ERRNO, -1)));
  }

  private void callBack(KernelCallFacts facts) {
    switch (facts.name()) {
      case "bpf_rbtree_add_impl" -> callbacks.order(facts, graph);
      case "bpf_wq_set_callback_impl",
          "bpf_task_work_schedule_signal_impl",
          "bpf_task_work_schedule_resume_impl" ->
          callbacks.work(facts);
      default -> {}
    }
  }

  /// An exception ends the program, from whatever function it is thrown in.
  private void throwException() {
    if (walk.code.exceptionCallback() < 0) {
      returns.check(1);
    }
    references.checkNoSections("bpf_throw");
  }
}
