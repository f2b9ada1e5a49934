package org.ebpf4j.runtime.internal.helper;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.PidNamespace;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Who runs the program, and where. Source: `kernel/bpf/helpers.c`.
enum TaskHelpers implements HelperBody {
  GET_SMP_PROCESSOR_ID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.cpu();
    }
  },

  GET_NUMA_NODE_ID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.environment().numaNode(run.cpu());
    }
  },

  GET_CURRENT_PID_TGID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.environment().processAndThread();
    }
  },

  /// `struct bpf_pidns_info`: thread and process as a namespace numbers them, which must be the one
  /// that the environment's numbers are of.
  GET_NS_CURRENT_PID_TGID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Memory.fill(c, d, (byte) 0);
      if (d != 2 * Integer.BYTES
          || !run.environment().pidNamespace().equals(Optional.of(new PidNamespace(a, b)))) {
        return Errno.EINVAL.negated();
      }
      long both = run.environment().processAndThread();
      Memory.putInt(c, (int) both);
      Memory.putInt(c + Integer.BYTES, (int) (both >>> Integer.SIZE));
      return 0;
    }
  },

  SEND_SIGNAL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return signal(run, (int) a, false);
    }
  },

  SEND_SIGNAL_THREAD {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return signal(run, (int) a, true);
    }
  },

  GET_CURRENT_UID_GID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.environment().groupAndUser();
    }
  },

  /// An address where nothing can be read: the JVM host has no `struct task_struct`.
  GET_CURRENT_TASK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Handles.task((int) run.environment().processAndThread());
    }
  },

  GET_ATTACH_COOKIE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.environment().attachCookie();
    }
  },

  GET_CURRENT_CGROUP_ID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.environment().controlGroup();
    }
  },

  /// The thread's name, cut to 15 bytes (`TASK_COMM_LEN` with the NUL) and to the buffer, then
  /// zeros.
  GET_CURRENT_COMM {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      byte[] name = run.environment().threadName().getBytes(StandardCharsets.UTF_8);
      int length = (int) Math.min(Math.min(name.length, MOST_NAME), b - 1);
      Memory.fill(a, b, (byte) 0);
      Memory.copy(name, 0, a, length);
      return 0;
    }
  };

  private static final int MOST_NAME = 15;

  /// `_NSIG`.
  private static final int MOST_SIGNAL = 64;

  private static long signal(Run run, int number, boolean toThread) {
    if (Integer.compareUnsigned(number, MOST_SIGNAL) > 0) {
      return Errno.EINVAL.negated();
    }
    return run.environment().signal(number, toThread) ? 0 : Errno.EPERM.negated();
  }
}
