package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Loops over numbers, whose state `struct bpf_iter_num` (the current number, then the end) lies on
/// the program's stack, and over bits; and RCU sections, which a run is as a whole. Sources:
/// `kernel/bpf/bpf_iter.c`, `kernel/bpf/helpers.c`.
enum IteratorFunctions implements HelperBody {
  BPF_ITER_NUM_NEW {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      int start = (int) b;
      int end = (int) c;
      Memory.putLong(a, 0);
      if (start > end) {
        return Errno.EINVAL.negated();
      }
      if ((long) end - start > Run.MOST_LOOPS) {
        return Errno.E2BIG.negated();
      }
      Memory.putInt(a, start - 1);
      Memory.putInt(a + Integer.BYTES, end);
      return 0;
    }
  },

  /// The address of the next number, or 0 after the last.
  BPF_ITER_NUM_NEXT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      int next = Memory.getInt(a) + 1;
      if (next >= Memory.getInt(a + Integer.BYTES)) {
        Memory.putLong(a, 0);
        return 0;
      }
      Memory.putInt(a, next);
      return a;
    }
  },

  BPF_ITER_NUM_DESTROY {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Memory.putLong(a, 0);
      return 0;
    }
  },

  /// `struct bpf_iter_bits`: the bits, or where they were copied to; how many; the last one shown.
  BPF_ITER_BITS_NEW {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return BitsIterator.begin(run, a, b, (int) c);
    }
  },

  BPF_ITER_BITS_NEXT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return BitsIterator.next(run, a);
    }
  },

  BPF_ITER_BITS_DESTROY {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      BitsIterator.end(run, a);
      return 0;
    }
  },

  BPF_RCU_READ_LOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  },

  BPF_RCU_READ_UNLOCK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return 0;
    }
  }
}
