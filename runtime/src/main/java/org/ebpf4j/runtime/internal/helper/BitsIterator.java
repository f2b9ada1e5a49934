package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.map.SpecialFields;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.object.KernelObject;
import org.ebpf4j.runtime.internal.run.Run;
import org.jspecify.annotations.Nullable;

/// `struct bpf_iter_bits` on the program's stack, over a copy of the words that it was given:
///
///      0                                8            12              16
///     ┌────────────────────────────────┬────────────┬───────────────┐
///     │ the word, or the address of a  │ bits in    │ the bit shown │
///     │ copy if there are several      │ all        │ last, or -1   │
///     └────────────────────────────────┴────────────┴───────────────┘
///
/// Source: `bpf_iter_bits_new` and its like in Linux 6.18's `kernel/bpf/helpers.c`.
final class BitsIterator {
  /// `BITS_ITER_NR_WORDS_MAX`.
  private static final int MOST_WORDS = 511;

  private static final int COUNT = 8;
  private static final int LAST = 12;

  private BitsIterator() {}

  /// 0 or a negated errno.
  static int begin(Run run, long iterator, long words, int count) {
    Memory.putLong(iterator, 0);
    Memory.putInt(iterator + COUNT, 0);
    Memory.putInt(iterator + LAST, -1);
    if (words == 0 || count == 0) {
      return Errno.EINVAL.negated();
    }
    if (Integer.compareUnsigned(count, MOST_WORDS) > 0) {
      return Errno.E2BIG.negated();
    }
    int size = count * Long.BYTES;
    if (!run.readable(words, size)) {
      return Errno.EFAULT.negated();
    }
    if (count == 1) {
      Memory.putLong(iterator, Memory.getLong(words));
    } else {
      KernelObject copy =
          run.objects().allocate(KernelObject.Kind.COPY, "bits", size, SpecialFields.none());
      if (copy == null) {
        return Errno.ENOMEM.negated();
      }
      Memory.copy(words, ObjectHold.give(run, copy), size);
      Memory.putLong(iterator, copy.address());
    }
    Memory.putInt(iterator + COUNT, count * Long.SIZE);
    return 0;
  }

  /// The address of the number of the next bit that is set, or 0 after the last.
  static long next(Run run, long iterator) {
    int count = Memory.getInt(iterator + COUNT);
    KernelObject copy = copy(run, iterator);
    int words = copy == null ? 1 : copy.size() / Long.BYTES;
    if (count != words * Long.SIZE) {
      return 0;
    }
    long bits = copy == null ? iterator : copy.address();
    for (int bit = Math.max(Memory.getInt(iterator + LAST) + 1, 0); bit < count; bit++) {
      long rest = Memory.getLong(bits + (long) (bit >> 6) * Long.BYTES) >>> bit;
      if (rest == 0) {
        bit |= Long.SIZE - 1;
      } else {
        Memory.putInt(iterator + LAST, bit + Long.numberOfTrailingZeros(rest));
        return iterator + LAST;
      }
    }
    Memory.putInt(iterator + LAST, count);
    return 0;
  }

  static void end(Run run, long iterator) {
    KernelObject copy = copy(run, iterator);
    if (copy != null) {
      run.objects().release(ObjectHold.take(run, copy.address()));
    }
    Memory.putInt(iterator + COUNT, 0);
  }

  /// The copy that an iterator over several words goes over, if that is what it holds.
  private static @Nullable KernelObject copy(Run run, long iterator) {
    if (Memory.getInt(iterator + COUNT) <= Long.SIZE) {
      return null;
    }
    long address = Memory.getLong(iterator);
    KernelObject object = run.objects().at(address);
    return object != null
            && object.kind() == KernelObject.Kind.COPY
            && run.resources().find(address, ObjectHold.class) != null
        ? object
        : null;
  }
}
