package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.abi.AttachType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.code.Subprogram;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// The stacks of all functions that may be active at once take at most 512 bytes, and there are at
/// most 8 of them. Functions with much on their stack may get one of their own, which does not
/// count, where nothing runs a program twice at once. Source: `check_max_stack_depth` in Linux's
/// `kernel/bpf/verifier.c`.
final class StackDepthCheck {
  private static final int TAIL_CALL_STACK = 256;
  private static final int LEAST_PRIVATE_STACK = 64;

  private final ProgramCode code;
  private final boolean mayBePrivate;
  private final boolean[] mustShare;
  private final Subprogram[] active = new Subprogram[VerifierState.MAX_FRAMES + 1];

  StackDepthCheck(ProgramCode code, Rules rules) {
    this.code = code;
    this.mayBePrivate = !hasTailCalls(code) && isGivenPrivateStacks(rules);
    this.mustShare = new boolean[code.subprogramCount()];
  }

  private static boolean hasTailCalls(ProgramCode code) {
    for (int i = 0; i < code.subprogramCount(); i++) {
      if (code.subprogram(i).hasTailCall) {
        return true;
      }
    }
    return false;
  }

  /// Source: `bpf_enable_priv_stack`, where the JIT compiler has such stacks.
  private static boolean isGivenPrivateStacks(Rules rules) {
    return switch (rules.type()) {
      case KPROBE, TRACEPOINT, PERF_EVENT, RAW_TRACEPOINT -> true;
      case TRACING -> !rules.isHook(AttachType.TRACE_ITER);
      case SOCKET_FILTER,
          SCHED_CLS,
          SCHED_ACT,
          XDP,
          CGROUP_SKB,
          CGROUP_SOCK,
          LWT_IN,
          LWT_OUT,
          LWT_XMIT,
          SOCK_OPS,
          SK_SKB,
          CGROUP_DEVICE,
          SK_MSG,
          CGROUP_SOCK_ADDR,
          LWT_SEG6LOCAL,
          LIRC_MODE2,
          SK_REUSEPORT,
          FLOW_DISSECTOR,
          CGROUP_SYSCTL,
          RAW_TRACEPOINT_WRITABLE,
          CGROUP_SOCKOPT,
          STRUCT_OPS,
          EXT,
          LSM,
          SK_LOOKUP,
          SYSCALL,
          NETFILTER ->
          false;
    };
  }

  /// Callbacks that run later come first: what they use shares the one stack.
  void check() {
    for (int i = code.subprogramCount() - 1; i >= 0; i--) {
      if (i == 0 || code.subprogram(i).isAsyncCallback) {
        check(code.subprogram(i), 0, 0, i == 0 && mayBePrivate);
      }
    }
  }

  private void check(Subprogram subprogram, int above, int callers, boolean mayBePrivate) {
    active[callers] = subprogram;
    if (!mayBePrivate) {
      mustShare[subprogram.index()] = true;
    }
    if (above >= TAIL_CALL_STACK && subprogram.hasTailCall && subprogram.index() != 0) {
      throw Refusal.at(
          Errno.EACCES,
          subprogram.start(),
          "tail_calls are not allowed when call stack of previous frames is %d bytes. Too large"
              .formatted(above));
    }
    int own = (subprogram.stackDepth + 15) & ~15;
    boolean isPrivate =
        mayBePrivate && !mustShare[subprogram.index()] && own >= LEAST_PRIVATE_STACK;
    int depth = isPrivate ? above : above + own;
    if (depth > Frame.STACK_BYTES) {
      throw Refusal.at(
          Errno.EACCES,
          subprogram.start(),
          "combined stack size of %d calls is %d. Too large".formatted(callers + 1, depth));
    }
    for (int slot = subprogram.start(); slot < subprogram.end(); slot++) {
      if (KernelCalls.isCallOf(code, slot, "bpf_throw")) {
        checkThrow(slot, callers);
      }
      int callee = callee(slot);
      if (callee < 0) {
        continue;
      }
      if (code.subprogram(callee).isExceptionCallback) {
        throw Refusal.at(
            Errno.EINVAL, slot, "insn %d cannot call exception cb directly".formatted(slot));
      }
      if (callers + 1 >= VerifierState.MAX_FRAMES) {
        throw Refusal.at(
            Errno.E2BIG, slot, "the call stack of %d frames is too deep !".formatted(callers + 1));
      }
      check(code.subprogram(callee), depth, callers + 1, mayBePrivate);
    }
  }

  private void checkThrow(int slot, int callers) {
    for (int i = 0; i <= callers; i++) {
      if (active[i].isCallback) {
        throw Refusal.at(
            Errno.EINVAL,
            slot,
            "bpf_throw kfunc (insn %d) cannot be called from callback subprog %d"
                .formatted(slot, active[callers].index()));
      }
    }
  }

  private int callee(int slot) {
    return switch (code.at(slot)) {
      case Instruction.CallLocal call -> code.subprogramStarting(slot + call.offset() + 1);
      case Instruction.LoadImmediate64 load
          when load.source() == Instruction.LoadImmediate64.Source.FUNCTION -> {
        int found = code.subprogramStarting(slot + load.low() + 1);
        yield found >= 0 && !code.subprogram(found).isAsyncCallback ? found : -1;
      }
      case null, default -> -1;
    };
  }
}
