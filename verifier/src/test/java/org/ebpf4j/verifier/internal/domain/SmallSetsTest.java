package org.ebpf4j.verifier.internal.domain;

import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.Width;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every operation on every pair of small sets, against every pair of their members.
///
/// The sets are all ranges, of both widths and signs, and all choices of unknown bits among eight
/// neighbours, at each place where some reading of a number wraps.
class SmallSetsTest {
  private static final int WINDOW = 8;
  private static final long[] WINDOWS = {
    -4, 16, 0x7fff_fffcL, 0xffff_fffcL, 0x7fff_ffff_ffff_fffcL, 0xffff_ffff_8000_0000L - 4
  };

  /// @param members those of its numbers that lie in its window, which are all but for ranges of
  ///   the lower halves
  private record SmallSet(Scalar set, long[] members) {}

  private static List<SmallSet> sets() {
    List<SmallSet> sets = new ArrayList<>();
    for (long start : WINDOWS) {
      for (int low = 0; low < WINDOW; low++) {
        for (int high = low; high < WINDOW; high++) {
          addRanges(sets, start + low, start + high);
        }
      }
      addUnknownBits(sets, start & -WINDOW);
    }
    return sets;
  }

  private static void addRanges(List<SmallSet> sets, long low, long high) {
    long[] members = new long[(int) (high - low) + 1];
    for (int i = 0; i < members.length; i++) {
      members[i] = low + i;
    }
    Bounds all = new Bounds();
    if (low <= high) {
      Bounds signed = new Bounds();
      signed.atLeastSigned(low);
      signed.atMostSigned(high);
      sets.add(new SmallSet(signed.sync().freeze(), members));
    }
    if (Long.compareUnsigned(low, high) <= 0) {
      Bounds unsigned = new Bounds();
      unsigned.atLeastUnsigned(low);
      unsigned.atMostUnsigned(high);
      sets.add(new SmallSet(unsigned.sync().freeze(), members));
    }
    if ((int) low <= (int) high) {
      all.atLeastSigned32((int) low);
      all.atMostSigned32((int) high);
    }
    if (Integer.compareUnsigned((int) low, (int) high) <= 0) {
      all.atLeastUnsigned32((int) low);
      all.atMostUnsigned32((int) high);
    }
    sets.add(new SmallSet(all.sync().freeze(), members));
  }

  private static void addUnknownBits(List<SmallSet> sets, long base) {
    for (int unknown = 0; unknown < WINDOW; unknown++) {
      for (int value = 0; value < WINDOW; value++) {
        if ((unknown & value) == 0) {
          Bounds bounds = new Bounds();
          bounds.bits = new Tnum(base + value, unknown);
          Scalar set = bounds.sync().freeze();
          long[] members = new long[1 << Integer.bitCount(unknown)];
          int count = 0;
          for (int i = 0; i < WINDOW; i++) {
            if ((i & ~unknown) == value) {
              members[count++] = base + i;
            }
          }
          sets.add(new SmallSet(set, members));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = AluOperation.class,
      names = {"ADD", "SUB", "MUL", "AND", "OR", "XOR"})
  void arithmetic(AluOperation operation) {
    List<SmallSet> sets = sets();
    for (SmallSet left : sets) {
      for (SmallSet right : sets) {
        check(operation, left, right);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = AluOperation.class,
      names = {"LSH", "RSH", "ARSH"})
  void shifts(AluOperation operation) {
    for (SmallSet left : sets()) {
      for (int count = 0; count < 64; count++) {
        check(operation, left, new SmallSet(Scalar.constant(count), new long[] {count}));
      }
    }
  }

  private static void check(AluOperation operation, SmallSet left, SmallSet right) {
    Scalar wide = ScalarArithmetic.apply(operation, true, left.set(), right.set());
    boolean narrowToo = right.members()[0] < 32 || !isShift(operation);
    Scalar narrow =
        narrowToo
            ? ScalarArithmetic.apply(operation, false, left.set(), right.set())
            : Scalar.UNKNOWN;
    for (long a : left.members()) {
      for (long b : right.members()) {
        if (!wide.contains(concrete(operation, Width.W64, a, b))
            || !narrow.contains(concrete(operation, Width.W32, a, b))) {
          fail(
              "%d %s %d, of %s and %s: %s, narrow %s",
              a, operation.symbol(), b, left.set(), right.set(), wide, narrow);
        }
      }
    }
  }

  private static boolean isShift(AluOperation operation) {
    return switch (operation) {
      case LSH, RSH, ARSH -> true;
      case ADD, SUB, MUL, AND, OR, XOR, DIV, SDIV, MOD, SMOD, MOV -> false;
    };
  }

  private static long concrete(AluOperation operation, Width width, long a, long b) {
    boolean wide = width == Width.W64;
    long result =
        switch (operation) {
          case ADD -> a + b;
          case SUB -> a - b;
          case MUL -> a * b;
          case AND -> a & b;
          case OR -> a | b;
          case XOR -> a ^ b;
          case LSH -> a << (b & (wide ? 63 : 31));
          case RSH -> (wide ? a : a & 0xffff_ffffL) >>> (b & (wide ? 63 : 31));
          case ARSH -> (wide ? a : (int) a) >> (b & (wide ? 63 : 31));
          case DIV, SDIV, MOD, SMOD, MOV -> throw new IllegalArgumentException();
        };
    return wide ? result : result & 0xffff_ffffL;
  }

  @ParameterizedTest
  @EnumSource(JumpCondition.class)
  void branches(JumpCondition condition) {
    List<SmallSet> sets = sets();
    for (SmallSet left : sets) {
      for (SmallSet right : sets) {
        check(condition, true, left, right);
        check(condition, false, left, right);
      }
    }
  }

  private static void check(JumpCondition condition, boolean wide, SmallSet left, SmallSet right) {
    Comparison.Outcome outcome = Comparison.outcome(condition, wide, left.set(), right.set());
    Comparison.Refined taken = Comparison.refine(condition, true, wide, left.set(), right.set());
    Comparison.Refined passed = Comparison.refine(condition, false, wide, left.set(), right.set());
    for (long a : left.members()) {
      for (long b : right.members()) {
        boolean holds = wide ? holds(condition, a, b) : holds(condition, (int) a, (int) b);
        Comparison.Refined refined = holds ? taken : passed;
        if (outcome == (holds ? Comparison.Outcome.NEVER : Comparison.Outcome.ALWAYS)
            || !refined.left().contains(a)
            || !refined.right().contains(b)) {
          fail(
              "%d %s %d (wide %s), of %s and %s: %s, %s",
              a, condition.symbol(), b, wide, left.set(), right.set(), outcome, refined);
        }
      }
    }
  }

  private static boolean holds(JumpCondition condition, long a, long b) {
    return switch (condition) {
      case EQUAL -> a == b;
      case NOT_EQUAL -> a != b;
      case GREATER -> Long.compareUnsigned(a, b) > 0;
      case GREATER_OR_EQUAL -> Long.compareUnsigned(a, b) >= 0;
      case LESS -> Long.compareUnsigned(a, b) < 0;
      case LESS_OR_EQUAL -> Long.compareUnsigned(a, b) <= 0;
      case ANY_BIT -> (a & b) != 0;
      case SIGNED_GREATER -> a > b;
      case SIGNED_GREATER_OR_EQUAL -> a >= b;
      case SIGNED_LESS -> a < b;
      case SIGNED_LESS_OR_EQUAL -> a <= b;
    };
  }

  /// Sign extensions, truncations, and what joins two sets.
  @Test
  void conversionsAndUnions() {
    List<SmallSet> sets = sets();
    for (SmallSet each : sets) {
      Scalar set = each.set();
      for (long x : each.members()) {
        boolean sound =
            set.contains(x)
                && set.low32().contains(x & 0xffff_ffffL)
                && set.truncate(1).contains(x & 0xff)
                && set.truncate(2).contains(x & 0xffff)
                && set.signExtend(8).contains((byte) x)
                && set.signExtend(16).contains((short) x)
                && set.signExtend(32).contains((int) x)
                && set.signExtend32(8).contains((byte) x & 0xffff_ffffL)
                && set.signExtend32(16).contains((short) x & 0xffff_ffffL)
                && ScalarArithmetic.negate(true, set).contains(-x)
                && ScalarArithmetic.negate(false, set).contains(-x & 0xffff_ffffL);
        if (!sound) {
          fail("%d of %s", x, set);
        }
      }
      for (SmallSet other : sets) {
        Scalar union = set.union(other.set());
        for (long x : other.members()) {
          if (!union.contains(x)) {
            fail("%d of %s, joined with %s: %s", x, other.set(), set, union);
          }
        }
      }
    }
  }

  /// All choices of known and unknown bits among six.
  @Test
  void unknownBits() {
    List<Tnum> all = new ArrayList<>();
    for (int unknown = 0; unknown < 64; unknown++) {
      for (int value = 0; value < 64; value++) {
        if ((unknown & value) == 0) {
          all.add(new Tnum(value, unknown));
        }
      }
    }
    for (Tnum a : all) {
      for (Tnum b : all) {
        check(a, b);
      }
    }
  }

  private static void check(Tnum a, Tnum b) {
    Tnum sum = a.add(b);
    Tnum difference = a.subtract(b);
    Tnum product = a.multiply(b);
    Tnum and = a.and(b);
    Tnum or = a.or(b);
    Tnum xor = a.xor(b);
    Tnum union = a.union(b);
    // x and y go through the members: their unknown bits count up.
    for (long i = a.mask(); ; i = (i - 1) & a.mask()) {
      long x = a.value() | i;
      for (long j = b.mask(); ; j = (j - 1) & b.mask()) {
        long y = b.value() | j;
        boolean sound =
            sum.contains(x + y)
                && difference.contains(x - y)
                && product.contains(x * y)
                && and.contains(x & y)
                && or.contains(x | y)
                && xor.contains(x ^ y)
                && union.contains(x)
                && union.contains(y);
        if (!sound) {
          fail("%d of %s and %d of %s", x, a, y, b);
        }
        if (j == 0) {
          break;
        }
      }
      if (i == 0) {
        break;
      }
    }
  }
}
