package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.PacketContext;
import org.ebpf4j.runtime.internal.context.XdpContext;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Packets as dynptrs, and parts of dynptrs. Sources: `net/core/filter.c`, `kernel/bpf/helpers.c`.
enum DynptrFunctions implements HelperBody {
  BPF_DYNPTR_FROM_SKB {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (b != 0
          || !(run.context() instanceof PacketContext skb)
          || run.context() instanceof XdpContext) {
        Dynptr.clear(c);
        return Errno.EINVAL.negated();
      }
      Dynptr.init(c, Dynptr.SKB, 0, skb.buffer().length(), !skb.buffer().writable());
      return 0;
    }
  },

  BPF_DYNPTR_FROM_XDP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (b != 0 || !(run.context() instanceof XdpContext xdp)) {
        Dynptr.clear(c);
        return Errno.EINVAL.negated();
      }
      Dynptr.init(c, Dynptr.XDP, 0, xdp.buffer().length(), false);
      return 0;
    }
  },

  /// Copies bytes from one to another, which may be the same.
  BPF_DYNPTR_COPY {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (Dynptr.isNull(a) || Dynptr.isNull(c) || Dynptr.readOnly(a)) {
        return Errno.EINVAL.negated();
      }
      if (Dynptr.check(a, b, e) != 0 || Dynptr.check(c, d, e) != 0) {
        return Errno.E2BIG.negated();
      }
      long to = Dynptr.address(run, a, b, (int) e, true);
      long from = Dynptr.address(run, c, d, (int) e, false);
      if (to == 0 || from == 0) {
        return Errno.EFAULT.negated();
      }
      Memory.copy(from, to, e);
      return 0;
    }
  },

  /// Fills bytes with one value.
  BPF_DYNPTR_MEMSET {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (Dynptr.isNull(a) || Dynptr.readOnly(a)) {
        return Errno.EINVAL.negated();
      }
      int error = Dynptr.check(a, b, c);
      if (error != 0) {
        return error;
      }
      long to = Dynptr.address(run, a, b, (int) c, true);
      if (to == 0) {
        return Errno.EFAULT.negated();
      }
      Memory.fill(to, c, (byte) d);
      return 0;
    }
  },

  /// The address of the bytes, or the buffer with a copy of them where the program cannot touch
  /// them directly; 0 if they are not inside.
  BPF_DYNPTR_SLICE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return slice(run, a, b, c, (int) d, false);
    }
  },

  BPF_DYNPTR_SLICE_RDWR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Dynptr.readOnly(a) ? 0 : slice(run, a, b, c, (int) d, true);
    }
  },

  BPF_DYNPTR_ADJUST {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      int start = (int) b;
      int end = (int) c;
      if (Dynptr.isNull(a) || Integer.compareUnsigned(start, end) > 0) {
        return Errno.EINVAL.negated();
      }
      if (Integer.compareUnsigned(end, Dynptr.size(a)) > 0) {
        return Errno.ERANGE.negated();
      }
      Dynptr.narrow(a, start, end - start);
      return 0;
    }
  },

  BPF_DYNPTR_IS_NULL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Dynptr.isNull(a) ? 1 : 0;
    }
  },

  BPF_DYNPTR_IS_RDONLY {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return !Dynptr.isNull(a) && Dynptr.readOnly(a) ? 1 : 0;
    }
  },

  BPF_DYNPTR_SIZE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Dynptr.isNull(a) ? Errno.EINVAL.negated() : Dynptr.size(a);
    }
  },

  BPF_DYNPTR_CLONE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (Dynptr.isNull(a)) {
        Dynptr.clear(b);
        return Errno.EINVAL.negated();
      }
      Memory.copy(a, b, Dynptr.BYTES);
      return 0;
    }
  };

  private static long slice(
      Run run, long dynptr, long offset, long buffer, int length, boolean write) {
    long at = Integer.toUnsignedLong((int) offset);
    if (Dynptr.check(dynptr, at, length) != 0) {
      return 0;
    }
    long address = Dynptr.address(run, dynptr, at, length, write);
    if (address == 0 || run.readable(address, length)) {
      return address;
    }
    if (buffer != 0) {
      Memory.copy(address, buffer, length);
    }
    return buffer;
  }
}
