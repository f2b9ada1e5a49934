package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.LinuxContext;
import org.ebpf4j.runtime.internal.map.CgroupArray;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Control groups, and what programs attached to them decide. Sources: `kernel/bpf/cgroup.c`,
/// `kernel/bpf/helpers.c`, `net/core/filter.c` of Linux 6.18.
enum CgroupHelpers implements HelperBody {
  CURRENT_TASK_UNDER_CGROUP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.map(a) instanceof CgroupArray groups)) {
        return Errno.EINVAL.negated();
      }
      if (!groups.hasIndex((int) b)) {
        return Errno.E2BIG.negated();
      }
      long group = groups.group((int) b);
      if (group == 0) {
        return Errno.EAGAIN.negated();
      }
      for (long above : run.environment().controlGroupPath()) {
        if (above == group) {
          return 1;
        }
      }
      return 0;
    }
  },

  /// Packets of the JVM host belong to no socket, and so to no group.
  SKB_UNDER_CGROUP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Errno.ENOENT.negated();
    }
  },

  GET_CURRENT_ANCESTOR_CGROUP_ID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      long[] path = run.environment().controlGroupPath();
      int level = (int) a;
      return level >= 0 && level < path.length ? path[level] : 0;
    }
  },

  GET_RETVAL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.context() instanceof LinuxContext context ? context.returnCode() : 0;
    }
  },

  SET_RETVAL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof LinuxContext context)
          || (int) a > 0
          || (int) a < -MOST_ERRNO) {
        return Errno.EINVAL.negated();
      }
      context.setReturnCode((int) a);
      return 0;
    }
  },

  /// Which callbacks the socket wants from now on; gives the flags that are not known.
  SOCK_OPS_CB_FLAGS_SET {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      long flags = Integer.toUnsignedLong((int) b);
      if (!(run.context() instanceof LinuxContext context)
          || Memory.getInt(context.address() + FULL_SOCKET) == 0) {
        return Errno.EINVAL.negated();
      }
      Memory.putInt(context.address() + CALLBACK_FLAGS, (int) (flags & ALL_CALLBACKS));
      return flags & ~ALL_CALLBACKS;
    }
  };

  private static final int MOST_ERRNO = 4095;

  /// `BPF_SOCK_OPS_ALL_CB_FLAGS`.
  private static final long ALL_CALLBACKS = 0x7f;

  // Offsets in struct bpf_sock_ops.
  private static final int FULL_SOCKET = 72;
  private static final int CALLBACK_FLAGS = 84;
}
