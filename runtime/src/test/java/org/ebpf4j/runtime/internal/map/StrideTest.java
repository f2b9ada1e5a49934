package org.ebpf4j.runtime.internal.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where an access lies in an element decides whether it is allowed.
class StrideTest {
  private static final int DISTANCES = 100_000;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 8, 24, 48, 56, 4096, 65_537, 0x7fff_ffff, 0x1_0000_0001L})
  void givesTheRemainder(long stride) {
    Stride divided = new Stride(stride);
    Random random = new Random(stride);
    for (int i = 0; i < DISTANCES; i++) {
      // Of all magnitudes, and at both sides of multiples, where an error would show first.
      long distance = random.nextLong() >>> (1 + random.nextInt(63));
      long multiple = distance - distance % stride;
      assertThat(divided.remainder(distance)).isEqualTo(distance % stride);
      assertThat(divided.remainder(multiple)).isZero();
      assertThat(divided.remainder(Math.max(multiple - 1, 0)))
          .isEqualTo(Math.max(multiple - 1, 0) % stride);
    }
  }
}
