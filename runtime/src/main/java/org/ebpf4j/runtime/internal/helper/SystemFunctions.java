package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;
import org.ebpf4j.runtime.internal.run.Thrown;

/// Threads and control groups, as far as the environment tells of them: the current ones. Programs
/// cannot look into them; they stand for owners of storage and for themselves.
///
/// Source: Linux 6.18's `kernel/bpf/helpers.c`.
enum SystemFunctions implements HelperBody {
  /// Ends the program, as far as it has been called from outside; its exception callback, which
  /// gets the cookie, says with what result.
  BPF_THROW {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      throw new Thrown(a);
    }
  },

  BPF_TASK_ACQUIRE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Handles.taskNumber(a) < 0 ? 0 : a;
    }
  },

  BPF_TASK_RELEASE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  },

  /// The current thread, or 0 for all others.
  BPF_TASK_FROM_PID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      int current = (int) run.environment().processAndThread();
      return (int) a == current ? Handles.task(current) : 0;
    }
  },

  BPF_TASK_FROM_VPID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return BPF_TASK_FROM_PID.call(run, a, b, c, d, e);
    }
  },

  BPF_TASK_UNDER_CGROUP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      int current = (int) run.environment().processAndThread();
      return a == Handles.task(current) && level(run, Handles.controlGroupId(b)) >= 0 ? 1 : 0;
    }
  },

  BPF_CGROUP_ACQUIRE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Handles.controlGroupId(a) < 0 ? 0 : a;
    }
  },

  BPF_CGROUP_RELEASE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  },

  /// The current control group or one above it, or 0 for all others.
  BPF_CGROUP_FROM_ID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return level(run, a) < 0 ? 0 : Handles.controlGroup(a);
    }
  },

  BPF_CGROUP_ANCESTOR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      int own = level(run, Handles.controlGroupId(a));
      int wanted = (int) b;
      return wanted < 0 || wanted > own
          ? 0
          : Handles.controlGroup(run.environment().controlGroupPath()[wanted]);
    }
  },

  /// The kernel's struct behind the context, as it is now.
  BPF_CAST_TO_KERN_CTX {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return KernelContext.of(run, a);
    }
  },

  /// The address itself: what may be read there, the run's regions say.
  BPF_RDONLY_CAST {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return a;
    }
  },

  /// As `bpf_probe_read_user_str`; on request with zeros behind.
  BPF_COPY_FROM_USER_STR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if ((d & ~PAD_ZEROS) != 0) {
        return Errno.EINVAL.negated();
      }
      int size = (int) b;
      long length = ProbeRead.string(run, a, size, c, ProbeRead.Space.USER);
      if (length > 0 && (d & PAD_ZEROS) != 0) {
        Memory.fill(a + length, size - length, (byte) 0);
      }
      return length;
    }
  };

  /// `BPF_F_PAD_ZEROS`.
  private static final long PAD_ZEROS = 1;

  /// How deep a control group lies above or at the current one, or -1.
  private static int level(Run run, long id) {
    long[] path = run.environment().controlGroupPath();
    for (int level = 0; level < path.length; level++) {
      if (path[level] == id) {
        return level;
      }
    }
    return -1;
  }
}
