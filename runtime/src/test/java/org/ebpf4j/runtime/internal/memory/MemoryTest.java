package org.ebpf4j.runtime.internal.memory;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryTest {
  /// Programs may give helpers such memory.
  @ParameterizedTest
  @ValueSource(longs = {-1, Long.MIN_VALUE, Long.MAX_VALUE, 0})
  void noBytesMayLieAnywhere(long address) {
    assertThatCode(
            () -> {
              Memory.fill(address, 0, (byte) 1);
              Memory.copy(address, -address, 0);
              Memory.copy(new byte[0], 0, address, 0);
              Memory.copy(address, new byte[0], 0, 0);
              Memory.bytes(address, 0);
            })
        .doesNotThrowAnyException();
  }
}
