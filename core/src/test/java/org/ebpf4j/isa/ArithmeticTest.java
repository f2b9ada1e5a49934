package org.ebpf4j.isa;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.List;
import java.util.stream.LongStream;
import org.ebpf4j.isa.Instruction.SwapBytes.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Compares every operation in both widths, on all pairs of edge values, with a computation in
/// numbers of any size.
class ArithmeticTest {
  private static final long[] EDGES = {
    0,
    1,
    2,
    3,
    7,
    8,
    15,
    16,
    31,
    32,
    33,
    63,
    64,
    65,
    127,
    128,
    255,
    256,
    32767,
    32768,
    65535,
    -1,
    -2,
    -3,
    -8,
    -31,
    -32,
    -33,
    -63,
    -64,
    -65,
    -128,
    -129,
    -32768,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    0x7fff_fffeL,
    0x8000_0000L,
    0x8000_0001L,
    0xffff_ffffL,
    0x1_0000_0000L,
    0x1_0000_0001L,
    0xffff_ffff_0000_0000L,
    0xffff_ffff_7fff_ffffL,
    0x1234_5678_9abc_def0L,
    0xfedc_ba98_7654_3210L,
    0xdead_beef_0000_0000L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MIN_VALUE + 1
  };

  @ParameterizedTest
  @EnumSource(AluOperation.class)
  void computesAsNumbersOfAnySizeDo(AluOperation operation) {
    for (Width width : Width.values()) {
      for (long a : EDGES) {
        for (long b : EDGES) {
          assertThat(Arithmetic.compute(width, operation, a, b))
              .as("%s in %s of 0x%x and 0x%x", operation, width, a, b)
              .isEqualTo(expected(width.bits(), operation, a, b));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(JumpCondition.class)
  void comparesAsNumbersOfAnySizeDo(JumpCondition condition) {
    for (Width width : Width.values()) {
      for (long a : EDGES) {
        for (long b : EDGES) {
          assertThat(Arithmetic.holds(width, condition, a, b))
              .as("0x%x %s 0x%x in %s", a, condition.symbol(), b, width)
              .isEqualTo(expected(width.bits(), condition, a, b));
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "W64, DIV,  -9223372036854775808, -1, 0",
    "W64, SDIV, -9223372036854775808, -1, -9223372036854775808",
    "W64, SMOD, -9223372036854775808, -1, 0",
    "W32, SDIV, -2147483648,          -1, 2147483648",
    "W32, SMOD, -2147483648,          -1, 0",
    "W64, DIV,   5,  0, 0",
    "W64, SDIV, -5,  0, 0",
    "W64, MOD,   5,  0, 5",
    "W64, SMOD, -5,  0, -5",
    "W32, MOD,  -1,  0, 4294967295",
    "W32, SMOD, -1,  4294967296, 4294967295",
    "W64, SMOD, -13, 3, -1",
    "W64, SMOD, 13, -3, 1",
    "W64, SDIV, -13, 3, -4",
    "W64, LSH,   1, 64, 1",
    "W64, RSH,  -1, 65, 9223372036854775807",
    "W32, LSH,   1, 32, 1",
    "W32, ARSH, -2147483648, 63, 4294967295",
    "W32, ADD,  -1,  1, 0",
    "W32, MOV,   0, -1, 4294967295",
  })
  void knowsTheAnswersOfTheStandard(
      Width width, AluOperation operation, long a, long b, long result) {
    assertThat(Arithmetic.compute(width, operation, a, b)).isEqualTo(result);
  }

  @Test
  void negates() {
    for (Width width : Width.values()) {
      for (long a : EDGES) {
        assertThat(Arithmetic.negate(width, a))
            .isEqualTo(unsigned(BigInteger.valueOf(a).negate(), width.bits()).longValue());
      }
    }
  }

  @Test
  void movesWithTheSignOfTheLowestBits() {
    for (long a : EDGES) {
      for (int bits : List.of(8, 16, 32)) {
        BigInteger extended = signed(BigInteger.valueOf(a), bits);
        assertThat(Arithmetic.moveSigned(Width.W64, bits, a)).isEqualTo(extended.longValue());
        assertThat(Arithmetic.moveSigned(Width.W32, bits, a))
            .isEqualTo(unsigned(extended, 32).longValue());
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "16, 0x2211",
    "32, 0x44332211",
    "64, 0x8877665544332211",
  })
  void swapsBytes(int bits, String swapped) {
    long value = 0x1122_3344_5566_7788L;
    long reversed = Long.reverseBytes(value << (64 - bits));
    long cut = unsigned(BigInteger.valueOf(value), bits).longValue();
    long input =
        Long.reverseBytes(Long.parseUnsignedLong(swapped.substring(2), 16)) >>> (64 - bits);
    assertThat(Arithmetic.swapBytes(Order.SWAP, bits, input))
        .isEqualTo(Long.parseUnsignedLong(swapped.substring(2), 16));
    assertThat(Arithmetic.swapBytes(Order.SWAP, bits, value)).isEqualTo(reversed);
    assertThat(
            LongStream.of(
                Arithmetic.swapBytes(Order.TO_LITTLE, bits, value),
                Arithmetic.swapBytes(Order.TO_BIG, bits, value)))
        .containsExactlyInAnyOrder(cut, reversed);
  }

  @Test
  void swapsToTheOrderThatIsNotTheHosts() {
    boolean little = java.nio.ByteOrder.nativeOrder() == java.nio.ByteOrder.LITTLE_ENDIAN;
    assertThat(Arithmetic.swapBytes(little ? Order.TO_BIG : Order.TO_LITTLE, 16, 0xff1234L))
        .isEqualTo(0x3412);
    assertThat(Arithmetic.swapBytes(little ? Order.TO_LITTLE : Order.TO_BIG, 16, 0xff1234L))
        .isEqualTo(0x1234);
  }

  @ParameterizedTest
  @CsvSource({
    "ADD, 5, 3, 0, 8", "FETCH_ADD, -1, 1, 0, 0", "OR, 5, 2, 0, 7", "FETCH_OR, 5, 2, 0, 7",
    "AND, 6, 3, 0, 2", "FETCH_AND, 6, 3, 0, 2", "XOR, 6, 3, 0, 5", "FETCH_XOR, 6, 3, 0, 5",
    "XCHG, 1, 9, 0, 9", "CMPXCHG, 1, 9, 1, 9", "CMPXCHG, 1, 9, 2, 1",
  })
  void updatesMemory(
      AtomicOperation operation, long old, long operand, long expected, long result) {
    assertThat(Arithmetic.update(operation, Width.W64, old, operand, expected)).isEqualTo(result);
  }

  @Test
  void comparesOnlyTheLowerHalfInA32BitExchange() {
    long expected = 0x7_0000_0001L;
    assertThat(Arithmetic.update(AtomicOperation.CMPXCHG, Width.W32, 1, 9, expected)).isEqualTo(9);
    assertThat(Arithmetic.update(AtomicOperation.CMPXCHG, Width.W64, 1, 9, expected)).isEqualTo(1);
  }

  private static long expected(int bits, AluOperation operation, long left, long right) {
    BigInteger a = unsigned(BigInteger.valueOf(left), bits);
    BigInteger b = unsigned(BigInteger.valueOf(right), bits);
    BigInteger signedA = signed(a, bits);
    BigInteger signedB = signed(b, bits);
    int count = b.mod(BigInteger.valueOf(bits)).intValueExact();
    boolean byZero = b.signum() == 0;
    BigInteger result =
        switch (operation) {
          case ADD -> a.add(b);
          case SUB -> a.subtract(b);
          case MUL -> a.multiply(b);
          case DIV -> byZero ? BigInteger.ZERO : a.divide(b);
          case SDIV -> byZero ? BigInteger.ZERO : signedA.divide(signedB);
          case MOD -> byZero ? a : a.remainder(b);
          case SMOD -> byZero ? a : signedA.remainder(signedB);
          case OR -> a.or(b);
          case AND -> a.and(b);
          case XOR -> a.xor(b);
          case LSH -> a.shiftLeft(count);
          case RSH -> a.shiftRight(count);
          case ARSH -> signedA.shiftRight(count);
          case MOV -> b;
        };
    return unsigned(result, bits).longValue();
  }

  private static boolean expected(int bits, JumpCondition condition, long left, long right) {
    BigInteger a = unsigned(BigInteger.valueOf(left), bits);
    BigInteger b = unsigned(BigInteger.valueOf(right), bits);
    int unsigned = a.compareTo(b);
    int signed = signed(a, bits).compareTo(signed(b, bits));
    return switch (condition) {
      case EQUAL -> unsigned == 0;
      case NOT_EQUAL -> unsigned != 0;
      case GREATER -> unsigned > 0;
      case GREATER_OR_EQUAL -> unsigned >= 0;
      case LESS -> unsigned < 0;
      case LESS_OR_EQUAL -> unsigned <= 0;
      case SIGNED_GREATER -> signed > 0;
      case SIGNED_GREATER_OR_EQUAL -> signed >= 0;
      case SIGNED_LESS -> signed < 0;
      case SIGNED_LESS_OR_EQUAL -> signed <= 0;
      case ANY_BIT -> a.and(b).signum() != 0;
    };
  }

  private static BigInteger unsigned(BigInteger value, int bits) {
    return value.mod(BigInteger.ONE.shiftLeft(bits));
  }

  private static BigInteger signed(BigInteger value, int bits) {
    BigInteger cut = unsigned(value, bits);
    return cut.testBit(bits - 1) ? cut.subtract(BigInteger.ONE.shiftLeft(bits)) : cut;
  }
}
