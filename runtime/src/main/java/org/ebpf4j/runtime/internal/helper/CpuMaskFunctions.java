package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.internal.map.SpecialFields;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.object.KernelObject;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Run;

/// Sets of the host's virtual CPUs (`struct bpf_cpumask`). CPUs that the host does not have are
/// never in a set.
///
/// Source: Linux 6.18's `kernel/bpf/cpumask.c`.
enum CpuMaskFunctions implements HelperBody {
  BPF_CPUMASK_CREATE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return ObjectHold.give(
          run,
          run.objects()
              .allocate(
                  KernelObject.Kind.CPU_MASK,
                  "struct bpf_cpumask",
                  words(run) * Long.BYTES,
                  SpecialFields.none()));
    }
  },

  BPF_CPUMASK_ACQUIRE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      KernelObject mask = mask(run, a);
      return mask.acquire() ? ObjectHold.give(run, mask) : 0;
    }
  },

  BPF_CPUMASK_RELEASE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      run.objects().release(ObjectHold.take(run, a));
      return 0;
    }
  },

  /// The first CPU, or the number of CPUs if there is none.
  BPF_CPUMASK_FIRST {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return first(run, check(run, a), 0, 0);
    }
  },

  BPF_CPUMASK_FIRST_ZERO {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return first(run, check(run, a), 0, -1);
    }
  },

  BPF_CPUMASK_FIRST_AND {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return first(run, check(run, a), check(run, b), 0);
    }
  },

  /// Linux gives one after the other; the first is as good.
  BPF_CPUMASK_ANY_DISTRIBUTE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return first(run, check(run, a), 0, 0);
    }
  },

  BPF_CPUMASK_ANY_AND_DISTRIBUTE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return first(run, check(run, a), check(run, b), 0);
    }
  },

  BPF_CPUMASK_SET_CPU {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      change(run, a, b, true);
      return 0;
    }
  },

  BPF_CPUMASK_CLEAR_CPU {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      change(run, a, b, false);
      return 0;
    }
  },

  BPF_CPUMASK_TEST_CPU {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      long mask = check(run, b);
      int cpu = (int) a;
      return cpu >= 0 && cpu < run.objects().cpus() ? word(mask, cpu >> 6) >>> cpu & 1 : 0;
    }
  },

  BPF_CPUMASK_TEST_AND_SET_CPU {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return change(run, a, b, true);
    }
  },

  BPF_CPUMASK_TEST_AND_CLEAR_CPU {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return change(run, a, b, false);
    }
  },

  BPF_CPUMASK_SETALL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      long mask = check(run, a);
      for (int i = 0; i < words(run); i++) {
        Memory.putLongOpaque(mask + (long) i * Long.BYTES, all(run, i));
      }
      return 0;
    }
  },

  BPF_CPUMASK_CLEAR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      long mask = check(run, a);
      for (int i = 0; i < words(run); i++) {
        Memory.putLongOpaque(mask + (long) i * Long.BYTES, 0);
      }
      return 0;
    }
  },

  /// Whether any CPU is in both.
  BPF_CPUMASK_AND {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      check(run, a);
      check(run, b);
      check(run, c);
      long any = 0;
      for (int i = 0; i < words(run); i++) {
        long both = word(b, i) & word(c, i);
        Memory.putLongOpaque(a + (long) i * Long.BYTES, both);
        any |= both;
      }
      return any == 0 ? 0 : 1;
    }
  },

  BPF_CPUMASK_OR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      check(run, a);
      check(run, b);
      check(run, c);
      for (int i = 0; i < words(run); i++) {
        Memory.putLongOpaque(a + (long) i * Long.BYTES, word(b, i) | word(c, i));
      }
      return 0;
    }
  },

  BPF_CPUMASK_XOR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      check(run, a);
      check(run, b);
      check(run, c);
      for (int i = 0; i < words(run); i++) {
        Memory.putLongOpaque(a + (long) i * Long.BYTES, word(b, i) ^ word(c, i));
      }
      return 0;
    }
  },

  BPF_CPUMASK_COPY {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      check(run, a);
      check(run, b);
      for (int i = 0; i < words(run); i++) {
        Memory.putLongOpaque(a + (long) i * Long.BYTES, word(b, i));
      }
      return 0;
    }
  },

  BPF_CPUMASK_EQUAL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      check(run, a);
      check(run, b);
      for (int i = 0; i < words(run); i++) {
        if (word(a, i) != word(b, i)) {
          return 0;
        }
      }
      return 1;
    }
  },

  BPF_CPUMASK_INTERSECTS {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return first(run, check(run, a), check(run, b), 0) < run.objects().cpus() ? 1 : 0;
    }
  },

  BPF_CPUMASK_SUBSET {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      check(run, a);
      check(run, b);
      for (int i = 0; i < words(run); i++) {
        if ((word(a, i) & ~word(b, i)) != 0) {
          return 0;
        }
      }
      return 1;
    }
  },

  BPF_CPUMASK_EMPTY {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return weight(run, check(run, a)) == 0 ? 1 : 0;
    }
  },

  BPF_CPUMASK_FULL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return weight(run, check(run, a)) == run.objects().cpus() ? 1 : 0;
    }
  },

  BPF_CPUMASK_WEIGHT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return weight(run, check(run, a));
    }
  };

  private static int words(Run run) {
    return (run.objects().cpus() + Long.SIZE - 1) / Long.SIZE;
  }

  /// The bits of a word that stand for CPUs of the host.
  private static long all(Run run, int word) {
    int rest = run.objects().cpus() - word * Long.SIZE;
    return rest >= Long.SIZE ? -1 : (1L << rest) - 1;
  }

  private static KernelObject mask(Run run, long address) {
    KernelObject object = ObjectHold.see(run, address);
    if (object.kind() != KernelObject.Kind.CPU_MASK || object.address() != address) {
      throw new Fault(
          ProgramFault.Kind.CALL, address, "0x%x is no struct bpf_cpumask".formatted(address));
    }
    return object;
  }

  /// The address, which is that of a mask.
  private static long check(Run run, long address) {
    return mask(run, address).address();
  }

  private static long word(long mask, int index) {
    return Memory.getLongOpaque(mask + (long) index * Long.BYTES);
  }

  /// The first CPU in a mask and, if given, in another.
  ///
  /// @param invert -1 to look for CPUs that are not in it
  private static long first(Run run, long mask, long other, long invert) {
    for (int i = 0; i < words(run); i++) {
      long found = (word(mask, i) ^ invert) & all(run, i) & (other == 0 ? -1 : word(other, i));
      if (found != 0) {
        return (long) i * Long.SIZE + Long.numberOfTrailingZeros(found);
      }
    }
    return run.objects().cpus();
  }

  private static long weight(Run run, long mask) {
    long count = 0;
    for (int i = 0; i < words(run); i++) {
      count += Long.bitCount(word(mask, i));
    }
    return count;
  }

  /// Puts a CPU in or takes it out; 1 if it was in before.
  private static long change(Run run, long number, long address, boolean set) {
    long mask = check(run, address);
    int cpu = (int) number;
    if (cpu < 0 || cpu >= run.objects().cpus()) {
      return 0;
    }
    long at = mask + (long) (cpu >> 6) * Long.BYTES;
    long bit = 1L << cpu;
    long before = set ? Memory.getAndOrLong(at, bit) : Memory.getAndAndLong(at, ~bit);
    return (before & bit) == 0 ? 0 : 1;
  }
}
