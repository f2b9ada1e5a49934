package org.ebpf4j.btf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BtfWriterTest {
  private static final List<BtfType> EVERY_KIND =
      List.of(
          new BtfType.Int("int", 4, BtfType.Int.Encoding.SIGNED, 0, 32),
          new BtfType.Int("bool", 1, BtfType.Int.Encoding.BOOL, 0, 8),
          new BtfType.Pointer(1),
          new BtfType.Array(1, 1, 3),
          new BtfType.Composite("plain", false, 8, List.of(new BtfType.Member("a", 1, 32, 0))),
          new BtfType.Composite(
              "bits",
              true,
              4,
              List.of(new BtfType.Member("a", 1, 3, 5), new BtfType.Member("", 1, 0, 0))),
          new BtfType.Enumeration(
              "signed", 4, true, false, List.of(new BtfType.Enumerator("minus", -1))),
          new BtfType.Enumeration(
              "wide", 8, false, true, List.of(new BtfType.Enumerator("big", 0x1_0000_0002L))),
          new BtfType.Forward("declared", true),
          new BtfType.Typedef("number", 1),
          new BtfType.Qualifier(BtfType.Qualifier.Word.CONST, 1),
          new BtfType.Qualifier(BtfType.Qualifier.Word.VOLATILE, 1),
          new BtfType.Qualifier(BtfType.Qualifier.Word.RESTRICT, 3),
          new BtfType.Prototype(1, List.of(new BtfType.Parameter("x", 1))),
          new BtfType.Function("f", 14, BtfType.Linkage.GLOBAL),
          new BtfType.Variable("v", 1, BtfType.Linkage.EXTERN),
          new BtfType.DataSection(".data", 4, List.of(new BtfType.SectionVariable(16, 0, 4))),
          new BtfType.FloatType("double", 8),
          new BtfType.DeclarationTag("tag", 15, 0, false),
          new BtfType.TypeTag("user", 1, false));

  static List<ByteOrder> orders() {
    return List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN);
  }

  @ParameterizedTest
  @MethodSource("orders")
  void whatIsWrittenReadsTheSame(ByteOrder order) {
    Btf read = BtfReader.read("test", new BtfWriter(Btf.of(EVERY_KIND, order)).toBytes());
    assertThat(read.ownTypes()).isEqualTo(EVERY_KIND);
    assertThat(read.order()).isEqualTo(order);
  }

  @Test
  void addsAStringOnce() {
    BtfWriter writer = new BtfWriter(Btf.of(EVERY_KIND, ByteOrder.LITTLE_ENDIAN));
    int offset = writer.string("return 1;");
    assertThat(writer.string("return 1;")).isEqualTo(offset);
    byte[] bytes = writer.toBytes();
    int strings = BtfFormat.HEADER_BYTES + bytes[16] + (bytes[17] & 0xff) * 256;
    byte[] text = "return 1;\0".getBytes(StandardCharsets.UTF_8);
    assertThat(Arrays.copyOfRange(bytes, strings + offset, strings + offset + text.length))
        .isEqualTo(text);
  }

  @Test
  void theKernelsOwnTypesSurvive() throws IOException {
    Path vmlinux = Path.of("/sys/kernel/btf/vmlinux");
    assumeTrue(Files.isReadable(vmlinux), "this system has no " + vmlinux);
    Btf kernel = BtfReader.read("vmlinux", Files.readAllBytes(vmlinux));
    Btf again = BtfReader.read("vmlinux", new BtfWriter(kernel).toBytes());
    assertThat(again.ownTypes()).isEqualTo(kernel.ownTypes());
  }
}
