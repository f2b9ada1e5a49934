package org.ebpf4j.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class StringTableTest {

  @Test
  void findsStringsAndTailsOfStrings() {
    StringTable table = table("\0first\0second\0".getBytes(StandardCharsets.US_ASCII));

    assertThat(table.at(0)).isEmpty();
    assertThat(table.at(1)).isEqualTo("first");
    assertThat(table.at(7)).isEqualTo("second");
    assertThat(table.at(9)).isEqualTo("cond");
  }

  @Test
  void refusesOffsetsOutsideAndStringsWithoutEnd() {
    StringTable table = table("\0open".getBytes(StandardCharsets.US_ASCII));

    assertThatExceptionOfType(ObjectFileException.class)
        .isThrownBy(() -> table.at(5))
        .withMessage("file: section .strtab at offset 0x5: no string here, the table has 5 bytes");
    assertThatExceptionOfType(ObjectFileException.class)
        .isThrownBy(() -> table.at(1))
        .withMessageEndingWith("string without an end");
  }

  @Test
  void doesNotLetASmallTableStandForManyCharacters() {
    byte[] bytes = new byte[1 << 16];
    Arrays.fill(bytes, (byte) 'a');
    bytes[bytes.length - 1] = 0;
    StringTable table = table(bytes);

    assertThatExceptionOfType(ObjectFileException.class)
        .isThrownBy(() -> {
          for (int offset = 0; offset < bytes.length; offset++) {
            table.at(offset);
          }
        })
        .withMessageContaining("strings overlap");
  }

  private static StringTable table(byte[] bytes) {
    return new StringTable(SectionData.of("file", ".strtab", bytes, ByteOrder.LITTLE_ENDIAN));
  }
}
