package org.ebpf4j.btf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.btf.BtfType.Int.Encoding;
import org.ebpf4j.btf.BtfType.Linkage;
import org.ebpf4j.elf.ObjectFileException;
import org.ebpf4j.spec.TestObjects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BtfReaderTest {
  private static final BtfType.Int INT = new BtfType.Int("int", 4, Encoding.SIGNED, 0, 32);

  /// One type of every kind, and what has forms of its own.
  private static final List<BtfType> ALL_KINDS =
      List.of(
          INT,
          new BtfType.Pointer(1),
          new BtfType.Array(1, 1, 3),
          new BtfType.Composite(
              "plain", false, 8, List.of(new BtfType.Member("x", 1, 0, 0), member("y", 1, 32))),
          new BtfType.Composite(
              "bits", false, 4, List.of(new BtfType.Member("a", 1, 0, 3), member("", 12, 0))),
          new BtfType.Enumeration(
              "small", 4, true, false, List.of(new BtfType.Enumerator("MINUS", -1))),
          new BtfType.Enumeration(
              "large", 8, false, true, List.of(new BtfType.Enumerator("TOP", Long.MIN_VALUE))),
          new BtfType.Forward("later", true),
          new BtfType.Typedef("alias", 4),
          new BtfType.Qualifier(BtfType.Qualifier.Word.VOLATILE, 9),
          new BtfType.TypeTag("rcu", 1, false),
          new BtfType.Composite("", true, 4, List.of(member("z", 1, 0))),
          new BtfType.Prototype(
              0, List.of(new BtfType.Parameter("p", 2), new BtfType.Parameter("", 0))),
          new BtfType.Function("function", 13, Linkage.GLOBAL),
          new BtfType.Variable("variable", 1, Linkage.STATIC),
          new BtfType.DataSection(".data", 4, List.of(new BtfType.SectionVariable(15, 0, 4))),
          new BtfType.FloatType("double", 8),
          new BtfType.DeclarationTag("tag", 4, 1, false),
          new BtfType.TypeTag("address_space(1)", 1, true),
          new BtfType.Qualifier(BtfType.Qualifier.Word.CONST, 1),
          new BtfType.Qualifier(BtfType.Qualifier.Word.RESTRICT, 2),
          new BtfType.Enumeration("declared_only", 0, false, false, List.of()));

  @Test
  void readsAllKindsInBothByteOrders() {
    for (ByteOrder order : List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN)) {
      Btf read = BtfReader.read("all", new BtfWriter(Btf.of(ALL_KINDS, order)).toBytes());

      assertThat(read.ownTypes()).isEqualTo(ALL_KINDS);
      assertThat(read.order()).isEqualTo(order);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"clang-14/types", "clang-19/types", "clang-19/enum64", "big-endian/maps"})
  void readsWhatClangWritesAndWritesItBack(String object) {
    Btf btf = TestObjects.btf(object);

    Btf again = BtfReader.read(object, new BtfWriter(btf).toBytes());

    assertThat(again.ownTypes()).isEqualTo(btf.ownTypes());
  }

  @Test
  void readsSplitBtf() {
    Btf base = BtfReader.read("base", new BtfWriter(Btf.of(ALL_KINDS)).toBytes());
    List<BtfType> own = List.of(new BtfType.Typedef("alias", 4), new BtfType.Pointer(base.endId()));
    byte[] bytes = new BtfWriter(Btf.split(base, own)).toBytes();

    Btf split = BtfReader.readSplit("module", bytes, base);

    assertThat(split.ownTypes()).isEqualTo(own);
    assertThat(split.firstId()).isEqualTo(ALL_KINDS.size() + 1);
    assertThat(split.type(1)).isEqualTo(INT);
    assertThat(split.find("alias", BtfType.Typedef.class)).containsExactly(9, base.endId());
  }

  @Test
  void readsTheKernelsTypes() throws IOException {
    Path kernel = Path.of("/sys/kernel/btf/vmlinux");
    assumeTrue(Files.isReadable(kernel), "needs a Linux kernel with BTF");

    Btf btf = BtfReader.read("vmlinux", Files.readAllBytes(kernel));

    assertThat(btf.find("task_struct", BtfType.Composite.class)).hasSize(1);
    assertThat(BtfReader.read("again", new BtfWriter(btf).toBytes()).ownTypes())
        .isEqualTo(btf.ownTypes());
  }

  @Test
  void resolvesTypedefsAndQualifiers() {
    Btf btf = Btf.of(ALL_KINDS);

    assertThat(btf.resolve(10)).isEqualTo(4);
    assertThat(new BtfLayout(btf).sizeOf(10)).hasValue(8);
    assertThat(new BtfLayout(btf).sizeOf(3)).hasValue(12);
    assertThat(new BtfLayout(btf).sizeOf(8)).isEmpty();
    assertThat(new BtfLayout(btf).alignmentOf(3)).isEqualTo(4);
  }

  @Test
  void refusesTypesThatContainThemselves() {
    assertRefused("contains itself", struct("a", 4, 1));
    assertRefused("contains itself", struct("a", 4, 2), struct("b", 4, 1));
    assertRefused("contains itself", new BtfType.Typedef("a", 2), new BtfType.Typedef("b", 1));
    assertRefused("contains itself", new BtfType.Pointer(1));
    assertRefused("contains itself", new BtfType.Array(1, 1, 2));
    assertRefused("contains itself", struct("", 8, 2), new BtfType.Pointer(1));
  }

  @Test
  void takesListsAndTheirLike() {
    List<BtfType> list = List.of(struct("node", 8, 2), new BtfType.Pointer(1));

    assertThat(BtfReader.read("list", new BtfWriter(Btf.of(list)).toBytes()).ownTypes())
        .isEqualTo(list);
  }

  @Test
  void refusesTypesNestedTooDeep() {
    List<BtfType> types = new ArrayList<>();
    types.add(INT);
    for (int id = 1; id <= 300; id++) {
      types.add(new BtfType.Typedef("t" + id, id));
    }

    assertRefused("nested deeper than 256", types.toArray(BtfType[]::new));
  }

  @Test
  void refusesReferencesAndSizesThatCannotBe() {
    assertRefused("refers to type 9, there are 1", new BtfType.Pointer(9));
    assertRefused(
        "a FloatType", new BtfType.FloatType("f", 4), new BtfType.Function("f", 1, Linkage.STATIC));
    assertRefused("has size 3", new BtfType.Int("odd", 3, Encoding.SIGNED, 0, 24));
    assertRefused("an array of 1073741824 times 4", INT, new BtfType.Array(1, 1, 1 << 30));
    assertRefused(
        "beyond its 8 bytes", struct("small", 8, 3), INT, new BtfType.Array(2, 2, 1 << 29));
    assertRefused("beyond its 2 bytes", struct("small", 2, 2), INT);
    assertRefused(
        "holds type 2, which has no size", struct("s", 8, 2), new BtfType.Forward("f", false));
    assertRefused(
        "tags component 1 of 1",
        struct("s", 4, 2),
        INT,
        new BtfType.DeclarationTag("t", 1, 1, false));
  }

  @Test
  void readsArraysThatOnlySayANumber() {
    Btf written = Btf.of(List.of(INT, new BtfType.Array(1, 1, 1 << 29), new BtfType.Pointer(2)));

    Btf btf = BtfReader.read("blob", new BtfWriter(written).toBytes());

    assertThat(btf.type(2)).isEqualTo(new BtfType.Array(1, 1, 1 << 29));
    assertThat(new BtfLayout(btf).sizeOf(2)).isEmpty();
    assertThat(new BtfLayout(btf).sizeOf(3)).hasValue(8);
  }

  @Test
  void refusesBrokenHeaders() {
    byte[] bytes = new BtfWriter(Btf.of(List.of(INT))).toBytes();
    bytes[0] = 0;
    assertThatExceptionOfType(ObjectFileException.class)
        .isThrownBy(() -> BtfReader.read("blob", bytes))
        .withMessage(
            "blob: section .BTF at offset 0x0: not BTF: the magic number 0xeb9f is missing");
    assertThatExceptionOfType(ObjectFileException.class)
        .isThrownBy(() -> BtfReader.read("blob", new byte[1]))
        .withMessageContaining("cut off");
  }

  private static BtfType.Member member(String name, int type, int bitOffset) {
    return new BtfType.Member(name, type, bitOffset, 0);
  }

  private static BtfType.Composite struct(String name, int size, int memberType) {
    return new BtfType.Composite(name, false, size, List.of(member("m", memberType, 0)));
  }

  private static void assertRefused(String words, BtfType... types) {
    assertThatExceptionOfType(ObjectFileException.class)
        .isThrownBy(() -> BtfReader.read("blob", new BtfWriter(Btf.of(List.of(types))).toBytes()))
        .withMessageContaining(words);
  }
}
