package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Helpers that ask for something which this host does not have, and so give what they give in
/// Linux where it is absent. Sources: `kernel/bpf/syscall.c`, `kernel/bpf/task_iter.c`,
/// `kernel/bpf/bpf_lsm.c`, `kernel/trace/bpf_trace.c`, `net/core/filter.c` of Linux 6.18.
enum AbsentHelpers implements HelperBody {
  /// The kernel has no symbols.
  KALLSYMS_LOOKUP_NAME {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Memory.putLong(d, 0);
      return c != 0 || b <= 1 || Memory.getByte(a + b - 1) != 0
          ? Errno.EINVAL.negated()
          : Errno.ENOENT.negated();
    }
  },

  /// Tasks have no areas of memory, like threads of the kernel.
  FIND_VMA {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return e != 0 ? Errno.EINVAL.negated() : Errno.ENOENT.negated();
    }
  },

  /// Files are no sockets.
  SOCK_FROM_FILE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  },

  /// No packet has come through IPsec.
  SKB_GET_XFRM_STATE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Memory.fill(c, d, (byte) 0);
      return Errno.EINVAL.negated();
    }
  },

  /// Nothing measures files (IMA).
  IMA_INODE_HASH {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Errno.EOPNOTSUPP.negated();
    }
  },

  IMA_FILE_HASH {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Errno.EOPNOTSUPP.negated();
    }
  }
}
