package org.ebpf4j.verifier.internal.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.JumpCondition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every operation on sets holds what it makes of their members.
class ScalarTest {
  private static final long SEED = 20261121;
  private static final int ROUNDS = 60_000;
  private static final long[] CORNERS = {
    0,
    1,
    2,
    7,
    8,
    31,
    32,
    63,
    64,
    255,
    0x7fff_ffffL,
    0x8000_0000L,
    0xffff_ffffL,
    0x1_0000_0000L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1,
    -2,
    -128,
    Integer.MIN_VALUE,
    0x7fff_ffff_0000_0000L
  };

  private static long number(Random random) {
    long corner = CORNERS[random.nextInt(CORNERS.length)];
    return switch (random.nextInt(4)) {
      case 0 -> corner;
      case 1 -> corner + random.nextInt(9) - 4;
      case 2 -> random.nextLong() >> random.nextInt(64);
      default -> random.nextInt(32);
    };
  }

  /// A set that holds a number, narrowed in random ways.
  private static Scalar around(Random random, long member) {
    Bounds bounds = new Bounds();
    if (random.nextBoolean()) {
      bounds.bits = new Tnum(member & ~(-1L >>> random.nextInt(64)), 0);
      long unknown = random.nextLong() & random.nextLong();
      bounds.bits = new Tnum(member & ~unknown, unknown);
    }
    if (random.nextBoolean()) {
      bounds.atLeastSigned(Math.min(member, number(random)));
      bounds.atMostSigned(Math.max(member, number(random)));
    }
    if (random.nextBoolean()) {
      long low = number(random);
      long high = number(random);
      bounds.atLeastUnsigned(Long.compareUnsigned(low, member) < 0 ? low : member);
      bounds.atMostUnsigned(Long.compareUnsigned(high, member) > 0 ? high : member);
    }
    if (random.nextBoolean()) {
      bounds.atLeastSigned32(Math.min((int) member, (int) number(random)));
      bounds.atMostSigned32(Math.max((int) member, (int) number(random)));
    }
    if (random.nextInt(4) == 0) {
      return Scalar.constant(member);
    }
    return bounds.sync().freeze();
  }

  @Test
  void deductionsLoseNoMember() {
    Random random = new Random(SEED);
    for (int i = 0; i < ROUNDS; i++) {
      long member = number(random);
      Scalar set = around(random, member);
      assertThat(set.contains(member)).as("%d in %s", member, set).isTrue();
      assertThat(set.low32().contains(member & 0xffff_ffffL)).as("%s", set).isTrue();
      assertThat(set.truncate(1).contains(member & 0xff)).isTrue();
      assertThat(set.truncate(2).contains(member & 0xffff)).isTrue();
      assertThat(set.truncate(4).contains(member & 0xffff_ffffL)).isTrue();
      assertThat(set.signExtend(8).contains((byte) member)).isTrue();
      assertThat(set.signExtend(16).contains((short) member)).isTrue();
      assertThat(set.signExtend(32).contains((int) member)).isTrue();
      assertThat(set.reverseBytes(64).contains(Long.reverseBytes(member))).isTrue();
      assertThat(set.reverseBytes(32).contains(Integer.reverseBytes((int) member) & 0xffff_ffffL))
          .isTrue();
      assertThat(set.reverseBytes(16).contains(Short.reverseBytes((short) member) & 0xffff))
          .isTrue();
      assertThat(set.signExtend32(8).contains((byte) member & 0xffff_ffffL)).isTrue();
      assertThat(set.signExtend32(16).contains((short) member & 0xffff_ffffL)).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = AluOperation.class,
      names = {"ADD", "SUB", "MUL", "AND", "OR", "XOR", "LSH", "RSH", "ARSH"})
  void arithmeticHoldsTheConcreteResult(AluOperation operation) {
    Random random = new Random(SEED + operation.ordinal());
    for (int i = 0; i < ROUNDS; i++) {
      long a = number(random);
      boolean shift =
          operation.code() == 0x60 || operation.code() == 0x70 || operation.code() == 0xc0;
      boolean wide = random.nextBoolean();
      long b = shift ? random.nextInt(wide ? 64 : 32) : number(random);
      Scalar left = around(random, a);
      Scalar right = shift ? Scalar.constant(b) : around(random, b);
      Scalar result = ScalarArithmetic.apply(operation, wide, left, right);
      long concrete = wide ? apply(operation, a, b) : apply32(operation, (int) a, (int) b);
      assertThat(result.contains(concrete))
          .as("%d %s %d (wide %s): %d in %s", a, operation.symbol(), b, wide, concrete, result)
          .isTrue();
    }
  }

  private static long apply(AluOperation operation, long a, long b) {
    return switch (operation) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case AND -> a & b;
      case OR -> a | b;
      case XOR -> a ^ b;
      case LSH -> a << b;
      case RSH -> a >>> b;
      case ARSH -> a >> b;
      case DIV, SDIV, MOD, SMOD, MOV -> throw new IllegalArgumentException();
    };
  }

  private static long apply32(AluOperation operation, int a, int b) {
    int result =
        switch (operation) {
          case ADD -> a + b;
          case SUB -> a - b;
          case MUL -> a * b;
          case AND -> a & b;
          case OR -> a | b;
          case XOR -> a ^ b;
          case LSH -> a << b;
          case RSH -> a >>> b;
          case ARSH -> a >> b;
          case DIV, SDIV, MOD, SMOD, MOV -> throw new IllegalArgumentException();
        };
    return result & 0xffff_ffffL;
  }

  @ParameterizedTest
  @EnumSource(JumpCondition.class)
  void branchesKeepTheNumbersThatTakeThem(JumpCondition condition) {
    Random random = new Random(SEED - condition.ordinal());
    for (int i = 0; i < ROUNDS; i++) {
      long a = number(random);
      long b = random.nextInt(3) == 0 ? a : number(random);
      boolean wide = random.nextBoolean();
      Scalar left = around(random, a);
      Scalar right = around(random, b);
      boolean taken =
          wide
              ? holds(condition, a, b, Long.compareUnsigned(a, b))
              : holds(condition, (int) a, (int) b, Integer.compareUnsigned((int) a, (int) b));
      Comparison.Outcome outcome = Comparison.outcome(condition, wide, left, right);
      assertThat(outcome)
          .as("%d %s %d (wide %s), %s %s", a, condition.symbol(), b, wide, left, right)
          .isNotEqualTo(taken ? Comparison.Outcome.NEVER : Comparison.Outcome.ALWAYS);
      Comparison.Refined refined = Comparison.refine(condition, taken, wide, left, right);
      assertThat(refined.left().contains(a) && refined.right().contains(b))
          .as("%d %s %d (wide %s): %s", a, condition.symbol(), b, wide, refined)
          .isTrue();
    }
  }

  private static boolean holds(JumpCondition condition, long a, long b, int unsigned) {
    return switch (condition) {
      case EQUAL -> a == b;
      case NOT_EQUAL -> a != b;
      case GREATER -> unsigned > 0;
      case GREATER_OR_EQUAL -> unsigned >= 0;
      case LESS -> unsigned < 0;
      case LESS_OR_EQUAL -> unsigned <= 0;
      case ANY_BIT -> (a & b) != 0;
      case SIGNED_GREATER -> a > b;
      case SIGNED_GREATER_OR_EQUAL -> a >= b;
      case SIGNED_LESS -> a < b;
      case SIGNED_LESS_OR_EQUAL -> a <= b;
    };
  }
}
