package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Helpers that ask for something which this host does not have, and so give what they give in
/// Linux where it is absent. Sources: `kernel/bpf/syscall.c`, `kernel/bpf/btf.c`,
/// `kernel/bpf/task_iter.c`, `kernel/bpf/bpf_lsm.c`, `kernel/trace/bpf_trace.c`,
/// `net/core/filter.c` of Linux 6.18.
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

  /// bpf(2) is not open to programs: as for one that has not the rights for it.
  SYS_BPF {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return switch ((int) a) {
        case MAP_CREATE,
            MAP_UPDATE,
            MAP_DELETE,
            MAP_FREEZE,
            MAP_BY_ID,
            BTF_LOAD,
            PROGRAM_LOAD,
            LINK_CREATE,
            TRACEPOINT_OPEN ->
            Errno.EPERM.negated();
        default -> Errno.EINVAL.negated();
      };
    }
  },

  /// Programs have no file descriptors.
  SYS_CLOSE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Errno.EBADF.negated();
    }
  },

  /// Tasks have no registers of an application.
  TASK_PT_REGS {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  },

  /// No packet is at an endpoint of segment routing (SRv6).
  LWT_SEG6_STORE_BYTES {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Errno.EINVAL.negated();
    }
  },

  LWT_SEG6_ADJUST_SRH {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Errno.EINVAL.negated();
    }
  },

  LWT_SEG6_ACTION {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return switch ((int) b) {
        case END_X, END_T, END_DT6 -> Errno.EBADMSG.negated();
        default -> Errno.EINVAL.negated();
      };
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
  };

  // Commands of bpf(2) that programs may give (`bpf_sys_bpf`).
  private static final int MAP_CREATE = 0;
  private static final int MAP_UPDATE = 2;
  private static final int MAP_DELETE = 3;
  private static final int PROGRAM_LOAD = 5;
  private static final int MAP_BY_ID = 14;
  private static final int TRACEPOINT_OPEN = 17;
  private static final int BTF_LOAD = 18;
  private static final int MAP_FREEZE = 22;
  private static final int LINK_CREATE = 28;

  // Actions of `SEG6_LOCAL_ACTION_…` that need a packet at an endpoint.
  private static final int END_X = 2;
  private static final int END_T = 3;
  private static final int END_DT6 = 7;
}
