package org.ebpf4j.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.Consumer;
import org.ebpf4j.spec.TestObjects;
import org.junit.jupiter.api.Test;

class ElfReaderTest {
  private static final byte[] OBJECT = TestObjects.bytes("clang-19/simple");

  @Test
  void readsSectionsSymbolsAndRelocations() {
    ElfFile elf = ElfReader.read("simple", OBJECT);

    ElfSection code = elf.section("xdp").orElseThrow();
    assertThat(code.executable()).isTrue();
    assertThat(code.data().size()).isEqualTo(19 * 8);
    assertThat(elf.section(".bss").orElseThrow().data().size()).isZero();
    assertThat(elf.section(".bss").orElseThrow().size()).isEqualTo(8);
    assertThat(elf.relocations(code))
        .extracting(r -> r.offset(), r -> r.type(), r -> r.symbol().name())
        .containsExactly(
            tuple(4 * 8L, ElfRelocation.R_BPF_64_64, "counters"),
            tuple(7 * 8L, ElfRelocation.R_BPF_64_64, "packets"));
    ElfSymbol count =
        elf.symbols().stream().filter(s -> s.name().equals("count")).findFirst().orElseThrow();
    assertThat(count.type()).isEqualTo(ElfSymbol.FUNC);
    assertThat(count.size()).isEqualTo(19 * 8);
    assertThat(elf.sectionOf(count)).isEqualTo(code);
  }

  @Test
  void readsBothByteOrders() {
    ElfFile elf = ElfReader.read("simple", TestObjects.bytes("big-endian/simple"));

    assertThat(elf.order()).isEqualTo(ByteOrder.BIG_ENDIAN);
    assertThat(elf.section("xdp").orElseThrow().data().size()).isEqualTo(19 * 8);
  }

  @Test
  void refusesWhatIsNoObjectFileForBpf() {
    assertRefused(new byte[0], "not an ELF object file");
    assertRefused("#!/bin/sh\n".getBytes(), "not an ELF object file");
    assertRefused(changed(b -> b[4] = 1), "32-bit ELF");
    assertRefused(changed(b -> b[5] = 3), "unknown byte order 3");
    assertRefused(changed(b -> b[18] = 62), "made for machine 62");
    assertRefused(changed(b -> b[16] = 2), "not a relocatable object");
    assertRefused(changed(b -> b[60] = 0), "no sections");
  }

  @Test
  void refusesFilesCutOff() {
    assertRefused(Arrays.copyOf(OBJECT, 20), "cut off");
    assertRefused(Arrays.copyOf(OBJECT, 64), "cut off");
    assertRefused(Arrays.copyOf(OBJECT, OBJECT.length - 1), "cut off");
  }

  @Test
  void saysWhereTheFaultIs() {
    assertThatExceptionOfType(ObjectFileException.class)
        .isThrownBy(() -> ElfReader.read("file.o", changed(b -> b[58] = 63)))
        .satisfies(e -> {
          assertThat(e.file()).isEqualTo("file.o");
          assertThat(e.offset()).isEqualTo(58);
        })
        .withMessage("file.o at offset 0x3a: section headers of 63 bytes, not 64");
  }

  private static byte[] changed(Consumer<byte[]> change) {
    byte[] copy = OBJECT.clone();
    change.accept(copy);
    return copy;
  }

  private static void assertRefused(byte[] bytes, String words) {
    assertThatExceptionOfType(ObjectFileException.class)
        .isThrownBy(() -> ElfReader.read("file.o", bytes))
        .withMessageContaining(words);
  }
}
