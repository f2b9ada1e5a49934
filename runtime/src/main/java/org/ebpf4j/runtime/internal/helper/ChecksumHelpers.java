package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.SkbContext;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Internet checksums, and changes to those in a packet. Source: `net/core/filter.c`, Linux 6.18.
enum ChecksumHelpers implements HelperBody {
  /// The sum of what was added less what was taken away, in 16 bits.
  CSUM_DIFF {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      int from = (int) b;
      int to = (int) d;
      int seed = (int) e;
      int sum =
          to == 0
              ? ~Checksum.add(a, from, ~seed)
              : from == 0
                  ? Checksum.add(c, to, seed)
                  : Checksum.subtract(Checksum.add(c, to, seed), Checksum.add(a, from, 0));
      return Checksum.to16(sum);
    }
  },

  /// No packet of the JVM host brings a complete checksum that could be updated.
  CSUM_UPDATE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Errno.ENOTSUPP.negated();
    }
  },

  /// No packet of the JVM host brings a checksum that the device has checked.
  CSUM_LEVEL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (b == LEVEL_QUERY) {
        return Errno.EACCES.negated();
      }
      return b > LEVEL_QUERY && b <= LEVEL_RESET ? 0 : Errno.EINVAL.negated();
    }
  },

  L3_CSUM_REPLACE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      if ((e & ~FIELD_SIZE) != 0) {
        return Errno.EINVAL.negated();
      }
      long sum = field(skb, b);
      if (sum == 0) {
        return Errno.EFAULT.negated();
      }
      return Checksum.replace(sum, c, d, (int) e, false);
    }
  },

  L4_CSUM_REPLACE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.context() instanceof SkbContext skb)) {
        return Errno.EOPNOTSUPP.negated();
      }
      if ((e & ~(FIELD_SIZE | PSEUDO_HEADER | MARK_MANGLED_0 | MARK_ENFORCE | IPV6)) != 0) {
        return Errno.EINVAL.negated();
      }
      long sum = field(skb, b);
      if (sum == 0) {
        return Errno.EFAULT.negated();
      }
      boolean zeroMeansNone = (e & MARK_MANGLED_0) != 0;
      if (zeroMeansNone && (e & MARK_ENFORCE) == 0 && Memory.getShort(sum) == 0) {
        return 0;
      }
      int result = Checksum.replace(sum, c, d, (int) (e & FIELD_SIZE), true);
      if (result == 0 && zeroMeansNone && Memory.getShort(sum) == 0) {
        Memory.putShort(sum, (short) -1);
      }
      return result;
    }
  };

  private static final int LEVEL_QUERY = 0;
  private static final int LEVEL_RESET = 3;
  private static final long FIELD_SIZE = 0xf;
  private static final long PSEUDO_HEADER = 1 << 4;
  private static final long MARK_MANGLED_0 = 1 << 5;
  private static final long MARK_ENFORCE = 1 << 6;
  private static final long IPV6 = 1 << 7;
  private static final int MOST_OFFSET = 0xffff;

  /// The address of a checksum in the packet, or 0.
  private static long field(SkbContext skb, long offset) {
    long at = Integer.toUnsignedLong((int) offset);
    return at <= MOST_OFFSET && at % 2 == 0 && skb.buffer().contains(at, 2)
        ? skb.buffer().data() + at
        : 0;
  }
}
