package org.ebpf4j.jit;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.IteratorTarget;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Compiled code goes where the proof says without looking. So the proof must not rest on what
/// callers bring: maps in the place of others, contexts, and keys and values that iterators show.
/// And it has to know of all who go to the stack.
class ProvenMemoryTest {
  private static final RunInput PACKET = RunInput.packet(new byte[64]);
  private static final int LARGE = 1 << 20;
  private static final ProgramKind XDP =
      new ProgramKind(Optional.of(ProgramType.XDP), Optional.empty(), "", false, false);

  private static JvmHost host(Engine engine) {
    return JvmHost.builder().cpus(2).engine(engine).build();
  }

  private static ProgramKind kind(ProgramType type, AttachType attach, String target) {
    return new ProgramKind(Optional.of(type), Optional.of(attach), target, false, false);
  }

  // Maps in the place of others

  /// A lookup of one element, and a store at the end of it.
  private static String storeAtEnd(int map, int size) {
    return """
      *(u32 *)(r10 - 8) = 0
      ld_pseudo r1, 1, %d
      r2 = r10
      r2 += -8
      call 1
      if r0 == 0 goto none
      r1 = 77
      r0 += %d
      *(u64 *)(r0 + 0) = r1
    none:
      r0 = 1
      exit
    """
        .formatted(map, size - 8);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void mapsAreKnownByTheNameThatTheObjectGivesThem(Engine engine) {
    MapSpec small = MapSpec.of("small", MapType.ARRAY, 4, 8, 1);
    MapSpec large = MapSpec.of("large", MapType.ARRAY, 4, LARGE, 1);
    CollectionSpec spec =
        Sources.of(
            XDP,
            "xdp",
            storeAtEnd(0, 8).replace("exit", "").replace("none", "next") + storeAtEnd(1, LARGE),
            small,
            large);
    try (JvmHost host = host(engine);
        BpfMap forSmall = host.createMap(small.withName("large"));
        BpfMap forLarge = host.createMap(large.withName("small"));
        LoadedCollection loaded =
            host.load(
                spec,
                LoadOptions.defaults().withMap("small", forSmall).withMap("large", forLarge))) {
      assertThat(loaded.program(Sources.NAME).run(PACKET).returnValue()).isEqualTo(1);
      assertThat(forSmall.lookup(new byte[4]).orElseThrow()[0]).isEqualTo((byte) 77);
      assertThat(forLarge.lookup(new byte[4]).orElseThrow()[LARGE - 8]).isEqualTo((byte) 77);
    }
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void innerMapsAreThoseOfTheMapThatIsThere(Engine engine) {
    MapSpec small = MapSpec.of("inner", MapType.ARRAY, 4, 8, 1);
    MapSpec large = MapSpec.of("inner", MapType.ARRAY, 4, LARGE, 1);
    MapSpec outer = MapSpec.of("outer", MapType.ARRAY_OF_MAPS, 4, 4, 1).withInner(large);
    String text =
        """
          *(u32 *)(r10 - 8) = 0
          ld_pseudo r1, 1, 0
          r2 = r10
          r2 += -8
          call 1
          if r0 == 0 goto none
          r1 = r0
          r2 = r10
          r2 += -8
          call 1
          if r0 == 0 goto none
          *(u64 *)(r0 + 4096) = 77
        none:
          r0 = 1
          exit
        """;
    try (JvmHost host = host(engine);
        BpfMap given = host.createMap(outer.withInner(small))) {
      assertThatThrownBy(() ->
              host.load(
                      Sources.xdpWithMap(outer, text),
                      LoadOptions.defaults().withMap("outer", given))
                  .close())
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("R0 min value is outside of the allowed memory range");
    }
  }

  /// `struct { struct bpf_spin_lock lock; int count; }`
  private static final Btf LOCKED =
      Btf.of(
          List.of(
              new BtfType.Int("int", 4, BtfType.Int.Encoding.SIGNED, 0, 32),
              new BtfType.Composite(
                  "bpf_spin_lock", false, 4, List.of(new BtfType.Member("val", 1, 0, 0))),
              new BtfType.Composite(
                  "value",
                  false,
                  8,
                  List.of(
                      new BtfType.Member("lock", 2, 0, 0),
                      new BtfType.Member("count", 1, 32, 0)))));

  private static CollectionSpec withLock(CollectionSpec plain, MapSpec map) {
    MapSpec locked =
        new MapSpec(
            map.name(),
            map.typeNumber(),
            map.keySize(),
            map.valueSize(),
            map.maxEntries(),
            map.flags(),
            0,
            0,
            1,
            3,
            false,
            Optional.empty(),
            new MapSpec.Contents.None());
    return new CollectionSpec(
        "locks", plain.order(), "GPL", 0, LOCKED, Map.of(map.name(), locked), plain.programs());
  }

  /// As Linux has it: what a map's values hold, its maker says.
  @Test
  void valuesHaveTheLocksThatTheirMakerGaveThem() {
    MapSpec map = MapSpec.of("values", MapType.ARRAY, 4, 8, 1);
    CollectionSpec stores = Sources.of(XDP, "xdp", storeAtEnd(0, 8), map);
    CollectionSpec locks =
        withLock(
            Sources.of(
                XDP,
                "xdp",
                storeAtEnd(0, 8)
                    .replace("r1 = 77", "r1 = r0\nr6 = r0\ncall 93")
                    .replace("r0 += 0", "r1 = r6")
                    .replace("*(u64 *)(r0 + 0) = r1", "call 94"),
                map),
            map);
    try (JvmHost host = host(Engine.JIT);
        LoadedCollection locked = host.load(locks);
        LoadedCollection plain = host.load(stores)) {
      locked.program(Sources.NAME).run(PACKET);
      LoadOptions withLocks = LoadOptions.defaults().withMap("values", locked.map("values"));
      host.load(locks, withLocks).close();
      assertThatThrownBy(() -> host.load(stores, withLocks).close())
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("bpf_spin_lock cannot be accessed directly by load/store");
      LoadOptions without = LoadOptions.defaults().withMap("values", plain.map("values"));
      assertThatThrownBy(() -> host.load(locks, without).close())
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("map 'values' has to have BTF in order to use bpf_spin_lock");
    }
  }

  /// Linux 6.18 lets the program pass, and takes an inner map without the element.
  @ParameterizedTest
  @ValueSource(strings = {"PERCPU_ARRAY", "ARRAY"})
  void elementsOfInnerMapsAreThereWhereTheLengthIsFixed(String type) {
    MapSpec inner = MapSpec.of("inner", MapType.valueOf(type), 4, 8, 10);
    MapSpec outer = MapSpec.of("outer", MapType.ARRAY_OF_MAPS, 4, 4, 1).withInner(inner);
    CollectionSpec spec =
        Sources.xdpWithMap(
            outer,
            """
              r1 = 0
              *(u32 *)(r10 - 8) = r1
              ld_pseudo r1, 1, 0
              r2 = r10
              r2 += -8
              call 1
              if r0 == 0 goto none
              r1 = 5
              *(u32 *)(r10 - 8) = r1
              r1 = r0
              r2 = r10
              r2 += -8
              call 1
              *(u64 *)(r0 + 0) = 77
            none:
              r0 = 1
              exit
            """);
    try (JvmHost host = host(Engine.JIT)) {
      if (type.equals("ARRAY")) {
        host.load(spec).close();
      } else {
        assertThatThrownBy(() -> host.load(spec).close())
            .hasMessageContaining("R0 invalid mem access 'map_value_or_null'");
      }
    }
  }

  // Contexts

  private static byte[] words(long... words) {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * 8).order(ByteOrder.nativeOrder());
    for (long word : words) {
      bytes.putLong(word);
    }
    return bytes.array();
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void aHooksResultIsOneThatItMayHave(Engine engine) {
    CollectionSpec spec =
        Sources.of(
            kind(ProgramType.LSM, AttachType.LSM_MAC, "file_open"),
            "lsm/file_open",
            """
              r6 = *(u64 *)(r1 + 8)
              *(u32 *)(r10 - 8) = 0
              ld_pseudo r1, 1, 0
              r2 = r10
              r2 += -8
              call 1
              if r0 == 0 goto none
              r0 -= r6
              *(u8 *)(r0 + 0) = 77
            none:
              r0 = 0
              exit
            """,
            MapSpec.of("values", MapType.ARRAY, 4, 8192, 1));
    try (JvmHost host = host(engine);
        LoadedCollection loaded = host.load(spec);
        Runner runner = loaded.program(Sources.NAME).runner()) {
      loaded.program(Sources.NAME).run(RunInput.context(words(0, -4095)));
      assertThat(loaded.map("values").lookup(new byte[4]).orElseThrow()[4095]).isEqualTo((byte) 77);
      for (long result : new long[] {1, -4096, -1_000_000_000_000L, Long.MIN_VALUE}) {
        assertThatThrownBy(
                () -> loaded.program(Sources.NAME).run(RunInput.context(words(0, result))))
            .isInstanceOf(ProgramFault.class)
            .hasMessageContaining(
                "the context says that the hook returned %d; it returns -4095 to 0"
                    .formatted(result));
      }
      runner.context().set(ValueLayout.JAVA_LONG, 8, 1L << 40);
      assertThatThrownBy(runner::run).isInstanceOf(ProgramFault.class);
    }
  }

  /// `int test(void *context) { return touch(context); }` with a global `int touch(struct big *)`
  /// that stores to the last of 64 bytes.
  @ParameterizedTest
  @EnumSource(Engine.class)
  void aContextIsAsLongAsFunctionsNeed(Engine engine) {
    Btf types =
        Btf.of(
            List.of(
                new BtfType.Int("int", 4, BtfType.Int.Encoding.SIGNED, 0, 32),
                new BtfType.Composite("big", false, 64, List.of()),
                new BtfType.Pointer(2),
                new BtfType.Prototype(1, List.of(new BtfType.Parameter("b", 3))),
                new BtfType.Function("touch", 4, BtfType.Linkage.GLOBAL),
                new BtfType.Pointer(0),
                new BtfType.Prototype(1, List.of(new BtfType.Parameter("context", 6))),
                new BtfType.Function("test", 7, BtfType.Linkage.GLOBAL)));
    Bytecode code =
        Assembler.assemble(
            """
              call touch
              exit
            touch:
              r0 = 0
              if r1 == 0 goto out
              *(u64 *)(r1 + 56) = 1
            out:
              exit
            """);
    ProgramSpec program =
        new ProgramSpec(
            Sources.NAME,
            "syscall",
            new ProgramKind(Optional.of(ProgramType.SYSCALL), Optional.empty(), "", true, false),
            code,
            List.of(
                new ProgramFunction(0, 2, Sources.NAME, 8, true),
                new ProgramFunction(2, code.size() - 2, "touch", 5, true)),
            List.of(),
            List.of(),
            List.of(),
            true);
    CollectionSpec plain = CollectionSpec.of(program);
    CollectionSpec spec =
        new CollectionSpec(
            "context", plain.order(), "GPL", 0, types, plain.maps(), plain.programs());
    try (JvmHost host = host(engine);
        LoadedCollection loaded = host.load(spec)) {
      assertThat(loaded.program(Sources.NAME).run(RunInput.context(new byte[64])).returnValue())
          .isZero();
      assertThatThrownBy(() -> loaded.program(Sources.NAME).run(RunInput.context(new byte[63])))
          .isInstanceOf(RunException.class)
          .hasMessageContaining("it accesses 64 bytes of its context, and is given 63 (EINVAL)");
    }
  }

  /// `bpf_map_update_elem(&sink, &key, ctx->value, 0)` with a copy of the key.
  @ParameterizedTest
  @EnumSource(Engine.class)
  void shownValuesAreAsLongAsHelpersRead(Engine engine) throws Exception {
    CollectionSpec spec =
        Sources.of(
            kind(ProgramType.TRACING, AttachType.TRACE_ITER, "bpf_map_elem"),
            "iter/bpf_map_elem",
            """
              r2 = *(u64 *)(r1 + 16)
              r3 = *(u64 *)(r1 + 24)
              if r2 == 0 goto none
              if r3 == 0 goto none
              r2 = *(u32 *)(r2 + 0)
              *(u32 *)(r10 - 8) = r2
              r2 = r10
              r2 += -8
              ld_pseudo r1, 1, 0
              r4 = 0
              call 2
            none:
              r0 = 0
              exit
            """,
            MapSpec.of("sink", MapType.HASH, 4, 65536, 4));
    MapSpec shown = MapSpec.of("shown", MapType.HASH, 4, 65536, 4);
    try (JvmHost host = host(engine);
        LoadedCollection loaded = host.load(spec);
        BpfMap same = host.createMap(shown);
        BpfMap shorter = host.createMap(shown.withValueSize(65535));
        BpfMap shorterKeys = host.createMap(MapSpec.of("keys", MapType.HASH, 2, 65536, 4))) {
      byte[] value = new byte[65536];
      value[65535] = 7;
      same.update(new byte[] {1, 0, 0, 0}, value);
      try (InputStream text =
          loaded.program(Sources.NAME).iterate(IteratorTarget.elementsOf(same))) {
        text.readAllBytes();
      }
      assertThat(loaded.map("sink").lookup(new byte[] {1, 0, 0, 0})).contains(value);
      for (BpfMap refused : new BpfMap[] {shorter, shorterKeys}) {
        assertThatThrownBy(() ->
                loaded.program(Sources.NAME).iterate(IteratorTarget.elementsOf(refused)).close())
            .isInstanceOf(RunException.class)
            .hasMessageContaining("it accesses 4 bytes of keys and 65536 of values")
            .hasMessageContaining("EACCES");
      }
    }
  }

  /// `bpf_seq_write(meta->seq, task, 8)`: Linux has the bytes, this host does not.
  @ParameterizedTest
  @EnumSource(Engine.class)
  void objectsGivenAsMemoryAreLookedAt(Engine engine) throws Exception {
    CollectionSpec spec =
        Sources.of(
            kind(ProgramType.TRACING, AttachType.TRACE_ITER, "task"),
            "iter/task",
            """
              r2 = *(u64 *)(r1 + 8)
              if r2 == 0 goto none
              r1 = *(u64 *)(r1 + 0)
              r1 = *(u64 *)(r1 + 0)
              r3 = 8
              call 127
            none:
              r0 = 0
              exit
            """);
    try (JvmHost host = host(engine);
        LoadedCollection loaded = host.load(spec);
        InputStream text = loaded.program(Sources.NAME).iterate(IteratorTarget.all())) {
      assertThatThrownBy(text::readAllBytes)
          .isInstanceOf(ProgramFault.class)
          .hasMessageContaining("bpf_seq_write#127: R2")
          .hasMessageContaining("is not the address of 8 readable bytes");
    }
  }

  // The stack

  private static final MapSpec FORMAT =
      MapSpec.of("format", MapType.ARRAY, 4, 8, 1)
          .withFlags(0x80) // BPF_F_RDONLY_PROG
          .withContents(new MapSpec.Contents.Data("%s\0\0\0\0\0\0".getBytes(US_ASCII), true));

  /// Text is made of `hello`, whose address is stored by one of these.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "*(u64 *)(r7 + 0) = r6",
        "r6 = xchg_64(r7 + 0, r6)",
        "store_release((u64 *)(r7 + 0), r6)"
      })
  void whatAStoredAddressLeadsToIsInMemory(String store) {
    CollectionSpec spec =
        Sources.of(
            XDP,
            "xdp",
            """
              r1 = 0x6f6c6c6568 ll
              *(u64 *)(r10 - 8) = r1
              r6 = r10
              r6 += -8
              r7 = r10
              r7 += -16
              *(u64 *)(r10 - 16) = 0
              %s
              r1 = r10
              r1 += -64
              r2 = 32
              ld_pseudo r3, 2, 0
              r4 = r10
              r4 += -16
              r5 = 8
              call 165
              r0 = *(u32 *)(r10 - 64)
              exit
            """
                .formatted(store),
            FORMAT);
    assertThat(result(Engine.INTERPRETER, spec)).isEqualTo(0x6c6c6568);
    assertThat(result(Engine.JIT, spec)).isEqualTo(0x6c6c6568);
  }

  /// As a number an address leads to all of the frame: here to what lies below it.
  @ParameterizedTest
  @EnumSource(Engine.class)
  void whatANumberLeadsToIsInMemory(Engine engine) {
    CollectionSpec spec =
        Sources.xdpWithMap(
            MapSpec.of("place", MapType.ARRAY, 4, 8, 1),
            """
              r1 = 0x12345678
              *(u64 *)(r10 - 16) = r1
              *(u32 *)(r10 - 20) = 0
              ld_pseudo r1, 1, 0
              r2 = r10
              r2 += -20
              call 1
              if r0 == 0 goto out
              *(u64 *)(r0 + 0) = r10
              r3 = *(u64 *)(r0 + 0)
              r3 += -16
              r1 = r10
              r1 += -64
              r2 = 8
              call 113
              r0 = *(u32 *)(r10 - 64)
            out:
              exit
            """);
    assertThat(result(engine, spec)).isEqualTo(0x12345678);
  }

  /// What one call says of the bytes at an address says nothing of the next.
  @ParameterizedTest
  @EnumSource(Engine.class)
  void everyCallSaysForItselfWhatItTouches(Engine engine) {
    CollectionSpec spec =
        Sources.xdp(
            """
              *(u32 *)(r10 - 16) = 7
              *(u32 *)(r10 - 12) = 4660
              r1 = r10
              r1 += -16
              r2 = 4
              r3 = 0
              call 113
              r1 = r10
              r1 += -64
              r2 = 8
              r3 = r10
              r3 += -16
              call 113
              r0 = *(u32 *)(r10 - 60)
              exit
            """);
    assertThat(result(engine, spec)).isEqualTo(4660);
  }

  @ParameterizedTest
  @EnumSource(Engine.class)
  void handlesAreGreatNumbers(Engine engine) {
    CollectionSpec spec =
        Sources.xdpWithMap(
            MapSpec.of("values", MapType.ARRAY, 4, 8, 1),
            """
              ld_pseudo r6, 1, 0
              r0 = 1
              if r6 > 100 goto out
              r0 = 2
            out:
              exit
            """);
    assertThat(result(engine, spec)).isEqualTo(1);
  }

  private static long result(Engine engine, CollectionSpec spec) {
    try (JvmHost host = host(engine);
        LoadedCollection loaded = host.load(spec)) {
      return loaded.program(Sources.NAME).run(PACKET).returnValue();
    }
  }
}
