package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.code.Subprogram;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// Calls of the program's own functions, and returns from them.
final class FunctionCalls {
  /// The path ends here.
  static final int ENDS = -1;

  private final Walk walk;
  private final References references;
  private final GlobalFunctions globals;
  private final ReturnCheck returns;

  FunctionCalls(Walk walk, References references, GlobalFunctions globals, ReturnCheck returns) {
    this.walk = walk;
    this.references = references;
    this.globals = globals;
    this.returns = returns;
  }

  /// @return the slot to go on from
  int call(int target) {
    int index = walk.code.subprogramStarting(target);
    if (index < 0) {
      throw walk.refuse(Errno.EFAULT, "No program starts at insn %d", target);
    }
    Subprogram callee = walk.code.subprogram(index);
    if (callee.isGlobal()) {
      callGlobal(callee);
      return walk.slot + 1;
    }
    VerifierState state = walk.state;
    if (state.depth() + 1 >= VerifierState.MAX_FRAMES) {
      throw walk.refuse(Errno.E2BIG, "the call stack of %d frames is too deep", state.depth() + 2);
    }
    Frame caller = state.top();
    Frame frame = new Frame(walk.slot, state.depth() + 1, index);
    frame.asyncEntries = caller.asyncEntries;
    for (int i = 1; i <= 5; i++) {
      frame.setRegister(i, caller.register(i));
    }
    walk.clobber();
    state.push(frame);
    return target;
  }

  private void callGlobal(Subprogram callee) {
    if (walk.state.lockCount > 0) {
      throw walk.refuse(
          Errno.EINVAL,
          "global function calls are not allowed while holding a lock,\nuse static function instead");
    }
    boolean mayNotSleep =
        walk.state.rcuDepth > 0
            || walk.state.preemptDepth > 0
            || walk.state.activeIrqId != 0
            || !walk.state.sleepable;
    if (mayNotSleep && globals.maySleep(callee)) {
      throw walk.refuse(
          Errno.EINVAL,
          """
          global functions that may sleep are not allowed in non-sleepable context,
          i.e., in a RCU/IRQ/preempt-disabled section, or in
          a non-sleepable BPF program context\
          """);
    }
    globals.checkArguments(callee);
    callee.called = true;
    walk.state.globalCalls++;
    walk.clobber();
    if (globals.changesPacket(callee)) {
      references.forgetPacket();
    }
    if (!globals.returnsNothing(callee)) {
      walk.state.setRegister(0, Value.UNKNOWN);
    }
  }

  /// @return the slot to go on from, or [#ENDS]
  int exit() {
    VerifierState state = walk.state;
    if (state.depth() == 0) {
      references.checkNoSections("BPF_EXIT instruction in main prog");
      returns.check(0);
      return ENDS;
    }
    return leave();
  }

  /// Returns from the innermost function.
  int leave() {
    VerifierState state = walk.state;
    Frame callee = state.top();
    Value result = callee.register(0);
    if (result.kind() == Kind.STACK) {
      throw walk.refuse(Errno.EINVAL, "cannot return stack pointer to the caller");
    }
    if (!callee.inCallback) {
      state.pop();
      state.setRegister(0, result);
      return callee.callsite + 1;
    }
    if (!result.isScalar()) {
      throw walk.refuse(Errno.EACCES, "R0 not a scalar value");
    }
    walk.needPrecise(0);
    Scalar number = result.number();
    if (number.smin() < callee.returnMin || number.smax() > callee.returnMax) {
      throw walk.refuse(
          Errno.EINVAL,
          "%s",
          ReturnCheck.outOfRange(
              "At callback return", 0, number, callee.returnMin, callee.returnMax));
    }
    state.pop();
    walk.widen(state, callee.callsite, state);
    return callee.callsite;
  }
}
