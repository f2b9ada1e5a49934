package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Memory by dynptr. Source: `kernel/bpf/helpers.c`.
enum DynptrHelpers implements HelperBody {
  DYNPTR_FROM_MEM {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (Integer.compareUnsigned((int) b, Dynptr.MOST_BYTES) > 0) {
        Dynptr.clear(d);
        return Errno.E2BIG.negated();
      }
      if (c != 0) {
        Dynptr.clear(d);
        return Errno.EINVAL.negated();
      }
      Dynptr.init(d, Dynptr.LOCAL, a, (int) b, false);
      return 0;
    }
  },

  DYNPTR_READ {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      int error = Dynptr.check(c, d, b);
      if (error != 0 || e != 0) {
        return error != 0 && e == 0 ? error : Errno.EINVAL.negated();
      }
      long from = Dynptr.address(run, c, d, (int) b, false);
      if (from == 0) {
        return Errno.EFAULT.negated();
      }
      Memory.copy(from, a, b);
      return 0;
    }
  },

  DYNPTR_WRITE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (Dynptr.isNull(a) || Dynptr.readOnly(a)) {
        return Errno.EINVAL.negated();
      }
      int error = Dynptr.check(a, b, d);
      if (error != 0) {
        return error;
      }
      if (e != 0 && Dynptr.kind(a) != Dynptr.SKB) {
        return Errno.EINVAL.negated();
      }
      long to = Dynptr.address(run, a, b, (int) d, true);
      if (to == 0) {
        return Errno.EFAULT.negated();
      }
      Memory.copy(c, to, d);
      return 0;
    }
  },

  /// The address of bytes inside, or 0: packets want `bpf_dynptr_slice`.
  DYNPTR_DATA {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      int kind = Dynptr.kind(a);
      return Dynptr.check(a, b, c) == 0
              && !Dynptr.readOnly(a)
              && (kind == Dynptr.LOCAL || kind == Dynptr.RING)
          ? Dynptr.address(run, a, b, (int) c, true)
          : 0;
    }
  };
}
