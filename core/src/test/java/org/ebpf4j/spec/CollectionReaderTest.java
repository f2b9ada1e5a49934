package org.ebpf4j.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.elf.ObjectFileException;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CollectionReaderTest {

  @ParameterizedTest
  @ValueSource(strings = {"clang-14", "clang-16", "clang-19", "big-endian"})
  void readsASimpleObject(String folder) {
    CollectionSpec spec = TestObjects.read(folder + "/simple");

    assertThat(spec.license()).isEqualTo("GPL");
    assertThat(spec.kernelVersion()).isEqualTo(0x060c00);
    assertThat(spec.maps()).containsOnlyKeys("counters", ".bss");
    MapSpec counters = spec.map("counters").orElseThrow();
    assertThat(counters.type()).contains(MapType.HASH);
    assertThat(counters.keySize()).isEqualTo(4);
    assertThat(counters.valueSize()).isEqualTo(8);
    assertThat(counters.maxEntries()).isEqualTo(16);
    assertThat(spec.btf().type(counters.keyType()).name()).isEqualTo("__u32");
    ProgramSpec count = spec.program("count").orElseThrow();
    assertThat(count.section()).isEqualTo("xdp");
    assertThat(count.kind())
        .isEqualTo(
            new ProgramKind(
                Optional.of(ProgramType.XDP), Optional.of(AttachType.XDP), "", false, false));
    assertThat(count.references())
        .anySatisfy(r -> assertThat(r).isInstanceOf(Reference.MapHandle.class))
        .anySatisfy(r -> assertThat(r).isInstanceOf(Reference.MapData.class))
        .hasSize(2);
  }

  @Test
  void marksReferencesInTheBytecode() {
    ProgramSpec count = TestObjects.read("clang-19/simple").program("count").orElseThrow();

    assertThat(count.references())
        .containsExactly(
            new Reference.MapHandle(4, "counters"), new Reference.MapData(7, ".bss", 0));
    assertThat(Bytecode.src(count.bytecode().slot(4))).isEqualTo(1);
    assertThat(Bytecode.src(count.bytecode().slot(7))).isEqualTo(2);
  }

  @Test
  void keepsTheSource() {
    ProgramSpec count = TestObjects.read("clang-19/simple").program("count").orElseThrow();

    assertThat(count.line(0).orElseThrow().location()).isEqualTo("./simple.bpf.c:16");
    assertThat(count.line(8).orElseThrow().text()).isEqualTo("\tpackets++;");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "clang-14/maps",
        "clang-16/maps",
        "clang-19/maps",
        "big-endian/maps",
        "linked/maps",
        "debug/maps"
      })
  void readsMapDefinitions(String name) {
    CollectionSpec spec = TestObjects.read(name);

    MapSpec flows = spec.map("flows").orElseThrow();
    assertThat(flows.keySize()).isEqualTo(12);
    assertThat(flows.valueSize()).isEqualTo(16);
    assertThat(flows.flags()).isEqualTo(1);
    assertThat(flows.numaNode()).isEqualTo(1);
    assertThat(flows.pinByName()).isTrue();
    assertThat(spec.btf().type(flows.valueType()))
        .isInstanceOfSatisfying(
            BtfType.Composite.class, type -> assertThat(type.name()).isEqualTo("flow"));
    MapSpec sizes = spec.map("sizes_only").orElseThrow();
    assertThat(List.of(sizes.keySize(), sizes.valueSize(), sizes.keyType(), sizes.valueType()))
        .containsExactly(4, 24, 0, 0);
    assertThat(spec.map("events").orElseThrow().maxEntries()).isEqualTo(4096);
    assertThat(spec.map("seen").orElseThrow().extra()).isEqualTo(3);
    assertThat(spec.map("seen_enum").orElseThrow().extra()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"clang-16", "clang-19", "big-endian"})
  void readsNumbersOf64Bits(String folder) {
    CollectionSpec spec = TestObjects.read(folder + "/enum64");

    assertThat(spec.map("seen").orElseThrow().extra()).isEqualTo(0x500000004L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"clang-14/maps", "clang-19/maps", "big-endian/maps", "linked/maps", "debug/maps"})
  void readsInnerMapsAndInitialValues(String name) {
    CollectionSpec spec = TestObjects.read(name);

    MapSpec outer = spec.map("outer").orElseThrow();
    assertThat(outer.valueSize()).isEqualTo(4);
    assertThat(outer.inner().orElseThrow())
        .isEqualTo(
            new MapSpec(
                "outer.inner",
                MapType.ARRAY.number(),
                4,
                8,
                2,
                0,
                0,
                0,
                outer.inner().orElseThrow().keyType(),
                outer.inner().orElseThrow().valueType(),
                false,
                Optional.empty(),
                new MapSpec.Contents.None()));
    assertThat(outer.contents())
        .isEqualTo(
            new MapSpec.Contents.Slots(
                List.of(
                    new MapSpec.Slot(1, "inner_one"),
                    new MapSpec.Slot(5, "inner_two"),
                    new MapSpec.Slot(6, "inner_one"))));
    assertThat(spec.map("outer_empty").orElseThrow().inner().orElseThrow().maxEntries())
        .isEqualTo(32);
    assertThat(spec.map("jumps").orElseThrow().contents())
        .isEqualTo(
            new MapSpec.Contents.Slots(
                List.of(new MapSpec.Slot(0, "tail_one"), new MapSpec.Slot(3, "tail_two"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"clang-14", "clang-16", "clang-19", "big-endian", "linked"})
  void readsGlobalData(String folder) {
    CollectionSpec spec = TestObjects.read(folder + "/globals");

    assertThat(spec.maps().keySet())
        .containsExactlyInAnyOrder(
            ".data",
            ".rodata",
            ".bss",
            ".data.custom",
            ".rodata.custom",
            ".bss.custom",
            ".data.hidden",
            ".rodata.str1.1");
    int mappable = 1 << 10;
    int readOnly = 1 << 7;
    assertThat(spec.map(".data").orElseThrow().flags()).isEqualTo(mappable);
    assertThat(spec.map(".rodata").orElseThrow().flags()).isEqualTo(mappable | readOnly);
    assertThat(spec.map(".data.hidden").orElseThrow().flags()).isZero();
    assertThat(spec.map(".rodata.str1.1").orElseThrow().flags()).isEqualTo(readOnly);
    assertThat(spec.map(".bss").orElseThrow().contents()).isEqualTo(new MapSpec.Contents.None());
    MapSpec.Contents.Data custom =
        (MapSpec.Contents.Data) spec.map(".data.custom").orElseThrow().contents();
    assertThat(custom.frozen()).isFalse();
    assertThat(ByteBuffer.wrap(custom.bytes()).order(spec.order()).getLong())
        .isEqualTo(0x1122334455667788L);
    MapSpec.Contents.Data text =
        (MapSpec.Contents.Data) spec.map(".rodata.str1.1").orElseThrow().contents();
    assertThat(text.frozen()).isTrue();
    assertThat(new String(text.bytes(), StandardCharsets.US_ASCII)).isEqualTo("literal\0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"clang-14", "clang-16", "clang-19", "big-endian", "linked"})
  void resolvesVariablesWithAddends(String folder) {
    CollectionSpec spec = TestObjects.read(folder + "/globals");
    ProgramSpec touch = spec.program("touch").orElseThrow();

    assertThat(touch.references())
        .extracting(r -> ((Reference.MapData) r).map(), r -> ((Reference.MapData) r).offset())
        .contains(
            tuple(".bss", offset(spec, ".bss", "zeroed")),
            tuple(".rodata", offset(spec, ".rodata", "text")));
    assertThat(offset(spec, ".data", "data_static")).isEqualTo(8);
  }

  private static int offset(CollectionSpec spec, String map, String variable) {
    BtfType.DataSection section =
        (BtfType.DataSection) spec.btf().type(spec.map(map).orElseThrow().valueType());
    return section.variables().stream()
        .filter(v -> spec.btf().type(v.type()).name().equals(variable))
        .findFirst()
        .orElseThrow()
        .offset();
  }

  @ParameterizedTest
  @ValueSource(strings = {"clang-14", "clang-16", "clang-19", "big-endian", "linked", "debug"})
  void linksSubprogramsOncePerProgram(String folder) {
    CollectionSpec spec = TestObjects.read(folder + "/subprograms");

    ProgramSpec first = spec.program("first").orElseThrow();
    assertThat(first.functions())
        .extracting(ProgramFunction::name)
        .containsExactly("first", "global_sub", "middle", "leaf", "hidden_sub");
    assertThat(first.functions())
        .filteredOn(ProgramFunction::global)
        .extracting(ProgramFunction::name)
        .containsExactly("first", "global_sub");
    assertThat(spec.programs()).doesNotContainKeys("beside", "leaf", "global_sub", "weak_sub");
    assertThat(spec.program("second").orElseThrow().functions())
        .extracting(ProgramFunction::name)
        .containsExactly("second", "each", "leaf", "weak_sub");
    for (ProgramSpec program : spec.programs().values()) {
      assertCallsMeetFunctions(program);
      assertThat(program.lines()).isSortedAccordingTo((a, b) -> a.slot() - b.slot());
    }
  }

  /// Every call and function address leads to the start of a function.
  private static void assertCallsMeetFunctions(ProgramSpec program) {
    List<Integer> starts = program.functions().stream().map(ProgramFunction::slot).toList();
    Bytecode code = program.bytecode();
    for (int slot = 0; slot < code.size(); slot++) {
      long instruction = code.slot(slot);
      boolean call = Bytecode.opcode(instruction) == 0x85 && Bytecode.src(instruction) == 1;
      boolean address = Bytecode.opcode(instruction) == 0x18 && Bytecode.src(instruction) == 4;
      if (call || address) {
        assertThat(starts).contains(slot + 1 + Bytecode.immediate(instruction));
      }
      slot += Bytecode.opcode(instruction) == 0x18 ? 1 : 0;
    }
  }

  @Test
  void namesSourceLinesOfSubprograms() {
    ProgramSpec first = TestObjects.read("clang-19/subprograms").program("first").orElseThrow();
    ProgramFunction leaf =
        first.functions().stream().filter(f -> f.name().equals("leaf")).findFirst().orElseThrow();

    assertThat(first.line(leaf.slot() + 1).orElseThrow().text()).isEqualTo("\tcalls += value;");
    assertThat(first.function(leaf.slot() + 1)).contains(leaf);
  }

  @Test
  void takesKindsFromSectionNames() {
    CollectionSpec spec = TestObjects.read("clang-19/subprograms");

    ProgramSpec notLoaded = spec.program("not_loaded").orElseThrow();
    assertThat(notLoaded.autoload()).isFalse();
    assertThat(notLoaded.section()).isEqualTo("tc");
    assertThat(spec.program("frags").orElseThrow().kind().frags()).isTrue();
    ProgramKind sleepable = spec.program("sleepable").orElseThrow().kind();
    assertThat(sleepable.sleepable()).isTrue();
    assertThat(sleepable.target()).isEqualTo("file_open");
    ProgramKind unknown = spec.program("unknown_section").orElseThrow().kind();
    assertThat(unknown.type()).isEmpty();
    assertThat(unknown.target()).isEqualTo("check");
    ProgramSpec given = spec.withType("tcx/egress").program("unknown_section").orElseThrow();
    assertThat(given.kind().type()).contains(ProgramType.SCHED_CLS);
    assertThat(given.kind().attach()).contains(AttachType.TCX_EGRESS);
    assertThat(given.section()).isEqualTo("tcx/egress");
    assertThatExceptionOfType(IllegalArgumentException.class)
        .isThrownBy(() -> spec.withType("policy"))
        .withMessageContaining("'policy' is no type");
    assertThat(spec.program("with_neighbour").orElseThrow().functions()).hasSize(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"clang-14", "clang-16", "clang-19", "big-endian"})
  void takesSectionsOfOlderLoaders(String folder) {
    CollectionSpec spec = TestObjects.read(folder + "/older");

    assertThat(spec.programs()).containsOnlyKeys("fill_empty", "entry");
    ProgramSpec filler = spec.program("fill_empty").orElseThrow();
    assertThat(filler.kind().type()).contains(ProgramType.RAW_TRACEPOINT);
    assertThat(filler.references()).hasSize(1);
    assertThat(spec.program("entry").orElseThrow().functions())
        .extracting(ProgramFunction::name)
        .containsExactly("entry", "helper");
    assertThat(spec.map("decoder_state").orElseThrow().valueSize()).isEqualTo(16);
  }

  @ParameterizedTest
  @ValueSource(strings = {"clang-14", "clang-16", "clang-19", "big-endian", "linked"})
  void resolvesExterns(String folder) {
    CollectionSpec spec = TestObjects.read(folder + "/externs");
    ProgramSpec use = spec.program("use").orElseThrow();

    MapSpec kconfig = spec.map(".kconfig").orElseThrow();
    assertThat(kconfig.valueSize()).isEqualTo(25);
    assertThat(((MapSpec.Contents.Kconfig) kconfig.contents()).variables())
        .extracting(v -> v.name() + "@" + v.offset() + "+" + v.size() + (v.weak() ? " weak" : ""))
        .containsExactly(
            "CONFIG_HZ@0+4 weak",
            "LINUX_KERNEL_VERSION@4+4",
            "CONFIG_BPF@8+1",
            "CONFIG_VERSION@9+16 weak");
    assertThat(use.references())
        .filteredOn(r -> !(r instanceof Reference.MapData))
        .extracting(CollectionReaderTest::describe)
        .containsExactlyInAnyOrder(
            "variable init_task void",
            "variable missing_symbol void weak",
            "variable runqueues rq",
            "address bpf_missing weak",
            "call bpf_missing weak",
            "call bpf_task_acquire");
    assertThat(
            use.references().stream()
                .filter(r -> r instanceof Reference.KernelVariable)
                .map(r -> (Reference.KernelVariable) r)
                .filter(v -> v.name().equals("runqueues"))
                .map(v -> spec.btf().type(v.type()).name()))
        .containsExactly("rq");
  }

  private static String describe(Reference reference) {
    return switch (reference) {
      case Reference.MapHandle r -> "map " + r.map();
      case Reference.MapData r -> "data " + r.map();
      case Reference.KernelVariable r ->
          "variable " + r.name() + (r.type() == 0 ? " void" : " rq") + (r.weak() ? " weak" : "");
      case Reference.KernelFunction r -> "call " + r.name() + (r.weak() ? " weak" : "");
      case Reference.KernelFunctionAddress r -> "address " + r.name() + (r.weak() ? " weak" : "");
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"clang-14", "clang-19", "big-endian"})
  void readsLegacyMaps(String folder) {
    CollectionSpec spec = TestObjects.read(folder + "/legacy");

    assertThat(spec.maps())
        .containsExactly(
            entry("old_hash", MapSpec.of("old_hash", MapType.HASH, 4, 8, 64).withFlags(1)),
            entry("old_array", MapSpec.of("old_array", MapType.ARRAY, 4, 16, 2)));
    assertThat(spec.program("look").orElseThrow().references())
        .extracting(r -> ((Reference.MapHandle) r).map())
        .containsExactlyInAnyOrder("old_array", "old_hash");
  }

  /// Maps of maps and program arrays are filled by numbers, and only pins by name are pins.
  @ParameterizedTest
  @ValueSource(strings = {"clang-14", "clang-16", "clang-19", "big-endian"})
  void readsMapsOfIproute2(String folder) {
    CollectionSpec spec = TestObjects.read(folder + "/iproute2");

    MapSpec inner = MapSpec.of("inner", MapType.ARRAY, 4, 4, 1);
    assertThat(spec.maps().values())
        .containsExactly(
            MapSpec.of("shared", MapType.ARRAY, 4, 8, 2).pinnedByName(),
            MapSpec.of("own", MapType.HASH, 4, 8, 2),
            MapSpec.of("jumps", MapType.PROG_ARRAY, 4, 4, 4)
                .withContents(slots(new MapSpec.Slot(0, "first"), new MapSpec.Slot(3, "last"))),
            inner,
            MapSpec.of("outer", MapType.ARRAY_OF_MAPS, 4, 4, 2)
                .withInner(inner)
                .withContents(slots(new MapSpec.Slot(1, "inner"))));
    assertThat(spec.programs().values())
        .extracting(program -> program.kind().type().map(ProgramType::name).orElse("none"))
        .containsExactly("SCHED_CLS", "SCHED_CLS", "none", "SCHED_CLS");
  }

  private static MapSpec.Contents slots(MapSpec.Slot... slots) {
    return new MapSpec.Contents.Slots(List.of(slots));
  }

  @Test
  void refusesPinsThatAFileOfIproute2Explains() {
    byte[] object = TestObjects.bytes("clang-19/iproute2");
    ByteBuffer definition = ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN);
    definition.putInt(1).putInt(4).putInt(8).putInt(2).putInt(0).putInt(0).putInt(1);
    object[indexOf(object, definition.array()) + 24] = 3;

    assertThatExceptionOfType(ObjectFileException.class)
        .isThrownBy(() -> CollectionReader.read("tc.o", object))
        .withMessageContaining("section maps at offset 0x3c: map own is pinned by rule 3");
  }

  @Test
  void appendsExceptionCallbacks() {
    CollectionSpec spec = TestObjects.read("clang-19/exceptions");

    assertThat(spec.program("guarded").orElseThrow().functions())
        .extracting(ProgramFunction::name)
        .containsExactly("guarded", "on_exception");
    assertThat(spec.program("plain").orElseThrow().functions())
        .extracting(ProgramFunction::name)
        .containsExactly("plain");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "undefined      | broken: symbol nowhere is declared and nowhere defined",
        "no_type        | broken: section .maps: map typeless has no type",
        "conflict       | broken: section .maps: map torn has a key of 8 bytes and one of 4",
        "unknown_member | broken: section .maps: map odd has the member 'entries'",
        "nested         | broken: section .maps: map root.inner is an inner map and cannot hold",
      })
  void saysWhatIsWrongWithAnObject(String object, String message) {
    assertThatExceptionOfType(ObjectFileException.class)
        .isThrownBy(() -> CollectionReader.read("broken", TestObjects.bytes("broken/" + object)))
        .withMessageStartingWith(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"clang-14", "clang-16", "clang-19", "big-endian"})
  void findsStaticMapsByTheirPlace(String folder) {
    assertThat(TestObjects.read(folder + "/statics").program("look").orElseThrow().references())
        .extracting(r -> ((Reference.MapHandle) r).map())
        .containsExactly("first", "second");
  }

  @Test
  void refusesReferencesIntoTheMiddleOfAMap() {
    byte[] object = TestObjects.bytes("clang-19/simple");
    int code = indexOf(object, TestObjects.code("clang-19/simple", "xdp"));
    object[code + 4 * Bytecode.SLOT_BYTES + 4] = 8;

    assertThatExceptionOfType(ObjectFileException.class)
        .isThrownBy(() -> CollectionReader.read("simple.o", object))
        .withMessage(
            "simple.o: section .maps at offset 0x8: an instruction refers to this place, where no"
                + " map starts (symbol counters)");
  }

  @Test
  void refusesUnknownRelocations() {
    byte[] object = TestObjects.bytes("clang-19/simple");
    byte[] relocation = {4 * 8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0};
    object[indexOf(object, relocation) + 8] = 3;

    assertThatExceptionOfType(ObjectFileException.class)
        .isThrownBy(() -> CollectionReader.read("simple.o", object))
        .withMessage(
            "simple.o: section xdp at offset 0x20: relocation type 3 for symbol counters; here 1 is"
                + " known");
  }

  @Test
  void refusesLegacyMapsWithFieldsNobodyKnows() {
    byte[] object = TestObjects.bytes("clang-19/legacy");
    ByteBuffer definition = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    definition.putInt(2).putInt(4).putInt(16).putInt(2).putInt(0).putInt(0);
    object[indexOf(object, definition.array()) + 20] = 1;

    assertThatExceptionOfType(ObjectFileException.class)
        .isThrownBy(() -> CollectionReader.read("legacy.o", object))
        .withMessageContaining("section maps at offset 0x2c: map old_array uses a field");
  }

  @Test
  void saysThatAFileIsMissing() {
    assertThatExceptionOfType(ObjectFileException.class)
        .isThrownBy(() -> CollectionReader.read(Path.of("no-such.o")))
        .withMessage("no-such.o: no such file");
  }

  private static int indexOf(byte[] bytes, byte[] part) {
    for (int i = 0; i <= bytes.length - part.length; i++) {
      if (Arrays.equals(bytes, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    throw new AssertionError("the object has changed; adapt this test");
  }
}
