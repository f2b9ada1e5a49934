package org.ebpf4j.verifier.internal.facts;

import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.domain.Scalar;

/// Where ranges that grow from round to round of a loop may stop: the numbers that the program
/// compares with, and the ends of the machine's types. There are finitely many, so growth ends.
final class Thresholds {
  private static final int MOST = 256;

  private final long[] signed;
  private final long[] unsigned;

  Thresholds(ProgramCode code) {
    TreeSet<Long> found = new TreeSet<>();
    for (int slot = 0; slot < code.size() && found.size() < MOST; slot++) {
      if (code.at(slot) instanceof Instruction.Jump jump
          && jump.src() instanceof Operand.Imm(int value)) {
        addAround(found, value);
        addAround(found, value & 0xffff_ffffL);
      }
    }
    for (int bits : new int[] {0, 7, 8, 15, 16, 31, 32, 63}) {
      addAround(found, 1L << bits);
      found.add(-(1L << bits));
    }
    signed = found.stream().mapToLong(Long::longValue).toArray();
    unsigned = found.stream().sorted(Long::compareUnsigned).mapToLong(Long::longValue).toArray();
  }

  private static void addAround(Set<Long> found, long value) {
    found.add(value - 1);
    found.add(value);
    found.add(value + 1);
  }

  /// A set that holds both, each of whose bounds is as before or the last number before a
  /// threshold.
  Scalar widen(Scalar before, Scalar now) {
    Scalar widened =
        new Scalar(
            before.bits().union(now.bits()),
            now.smin() >= before.smin() ? before.smin() : floor(now.smin()),
            now.smax() <= before.smax() ? before.smax() : ceiling(now.smax()),
            Long.compareUnsigned(now.umin(), before.umin()) >= 0
                ? before.umin()
                : floorUnsigned(now.umin()),
            Long.compareUnsigned(now.umax(), before.umax()) <= 0
                ? before.umax()
                : ceilingUnsigned(now.umax()),
            now.smin32() >= before.smin32()
                ? before.smin32()
                : (int) Math.max(floor(now.smin32()), Integer.MIN_VALUE),
            now.smax32() <= before.smax32()
                ? before.smax32()
                : (int) Math.min(ceiling(now.smax32()), Integer.MAX_VALUE),
            Integer.compareUnsigned(now.umin32(), before.umin32()) >= 0
                ? before.umin32()
                : (int) floorUnsigned(now.umin32() & 0xffff_ffffL),
            Integer.compareUnsigned(now.umax32(), before.umax32()) <= 0
                ? before.umax32()
                : (int) Math.min(ceiling(now.umax32() & 0xffff_ffffL), 0xffff_ffffL));
    // A counter that goes by 2 comes to 1,512, not to 1,513, before one to 1,514 ends its loop.
    return widened.withBoundsOnStride();
  }

  private long floor(long value) {
    int at = Arrays.binarySearch(signed, value);
    return at >= 0 ? value : at == -1 ? Long.MIN_VALUE : signed[-at - 2];
  }

  private long ceiling(long value) {
    int at = Arrays.binarySearch(signed, value);
    return at >= 0 ? value : -at - 1 == signed.length ? Long.MAX_VALUE : signed[-at - 1];
  }

  private long floorUnsigned(long value) {
    int at = searchUnsigned(value);
    return at >= 0 ? value : at == -1 ? 0 : unsigned[-at - 2];
  }

  private long ceilingUnsigned(long value) {
    int at = searchUnsigned(value);
    return at >= 0 ? value : -at - 1 == unsigned.length ? -1 : unsigned[-at - 1];
  }

  private int searchUnsigned(long value) {
    int low = 0;
    int high = unsigned.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = Long.compareUnsigned(unsigned[middle], value);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return -low - 1;
  }
}
