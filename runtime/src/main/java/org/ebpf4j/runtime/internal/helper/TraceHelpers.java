package org.ebpf4j.runtime.internal.helper;

import java.util.OptionalLong;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.PlainContext;
import org.ebpf4j.runtime.internal.context.TraceContext;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// What tracing programs ask: arguments and results of functions, threads, stacks, counters.
/// Source: `kernel/trace/bpf_trace.c` of Linux 6.18.
enum TraceHelpers implements HelperBody {
  GET_FUNC_ARG_CNT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.context() instanceof TraceContext trace ? trace.arguments() : 0;
    }
  },

  GET_FUNC_ARG {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof TraceContext trace)
          || Integer.compareUnsigned((int) b, trace.arguments()) >= 0) {
        return Errno.EINVAL.negated();
      }
      Memory.putLong(c, trace.argument((int) b));
      return 0;
    }
  },

  GET_FUNC_RET {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof TraceContext trace) || !trace.hasReturned()) {
        return Errno.EOPNOTSUPP.negated();
      }
      Memory.putLong(b, trace.returned());
      return 0;
    }
  },

  /// Of a kprobe, where it stands: what the registers say. The functions that other programs trace
  /// have no address here: 0.
  GET_FUNC_IP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.context() instanceof PlainContext context
              && context.layout().field(INSTRUCTION_POINTER).isPresent()
          ? Memory.getLong(
              context.address() + context.layout().field(INSTRUCTION_POINTER).get().offset())
          : 0;
    }
  },

  /// The registers that the caller finds in the context afterwards say what the probed function is
  /// to return.
  OVERRIDE_RETURN {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof PlainContext context)
          || context.layout().field(RESULT).isEmpty()) {
        return Errno.EINVAL.negated();
      }
      Memory.putLong(context.address() + context.layout().field(RESULT).get().offset(), b);
      return 0;
    }
  },

  GET_CURRENT_TASK_BTF {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Handles.task((int) run.environment().processAndThread());
    }
  },

  /// The environment knows the stack of the current thread alone.
  GET_TASK_STACK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      long current = run.environment().processAndThread() & 0xffff_ffffL;
      if (Handles.taskNumber(a) != current) {
        Memory.fill(b, c, (byte) 0);
        return Errno.EOPNOTSUPP.negated();
      }
      return StackHelpers.GET_STACK.call(run, a, b, c, d, e);
    }
  },

  COPY_FROM_USER_TASK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (e != 0) {
        return Errno.EINVAL.negated();
      }
      return ProbeRead.bytes(run, a, (int) b, c, ProbeRead.Space.USER);
    }
  },

  /// Nothing records branches here, as on processors that do not.
  READ_BRANCH_RECORDS {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return (d & ~BRANCH_SIZE) != 0 ? Errno.EINVAL.negated() : Errno.ENOENT.negated();
    }
  },

  GET_BRANCH_SNAPSHOT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return c != 0 ? Errno.EINVAL.negated() : Errno.ENOENT.negated();
    }
  },

  PERF_EVENT_READ {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return PerfCounter.read(run, a, b);
    }
  },

  /// As [#PERF_EVENT_READ_VALUE], of the counter that runs the program.
  PERF_PROG_READ_VALUE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      OptionalLong counter = run.environment().sampledCounter();
      Memory.fill(b, c, (byte) 0);
      if (c != VALUE_BYTES || counter.isEmpty()) {
        return Errno.EINVAL.negated();
      }
      Memory.putLong(b, counter.getAsLong());
      return 0;
    }
  },

  /// `struct bpf_perf_event_value`: the counter; how long it was enabled and ran is not known.
  PERF_EVENT_READ_VALUE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      long value = d == VALUE_BYTES ? PerfCounter.read(run, a, b) : Errno.EINVAL.negated();
      boolean known = d == VALUE_BYTES && PerfCounter.isKnown(run, a, b);
      Memory.fill(c, d, (byte) 0);
      if (!known) {
        return value;
      }
      Memory.putLong(c, value);
      return 0;
    }
  };

  private static final String INSTRUCTION_POINTER = "rip";
  private static final String RESULT = "rax";
  private static final int VALUE_BYTES = 24;

  /// `BPF_F_GET_BRANCH_RECORDS_SIZE`.
  private static final long BRANCH_SIZE = 1;
}
