package org.ebpf4j.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.MapException;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class KernelObjectsTest {
  private static final Path BPF_FILES = Path.of("/sys/fs/bpf");

  private static LinuxHost host;

  @BeforeAll
  static void open() {
    host = Linux.host();
  }

  @AfterAll
  static void close() {
    if (host != null) {
      host.close();
    }
  }

  private static Path pin(String name) {
    host.mountPins();
    return BPF_FILES.resolve("ebpf4j-test-%d-%s".formatted(ProcessHandle.current().pid(), name));
  }

  @Test
  void opensAMapByPinAndById() throws IOException {
    Path pin = pin("map");
    try (LinuxMap map = host.createMap(MapSpec.of("numbers", MapType.HASH, 4, 8, 10))) {
      map.update(LinuxHostTest.u32(1), LinuxHostTest.u64(11));
      map.pin(pin);
      try (LinuxMap pinned = host.openMap(pin);
          LinuxMap byId = host.openMap(map.id())) {
        assertThat(pinned.lookup(LinuxHostTest.u32(1))).contains(LinuxHostTest.u64(11));
        assertThat(byId.id()).isEqualTo(pinned.id());
        assertThat(byId.spec().maxEntries()).isEqualTo(10);
        assertThat(host.maps()).extracting(MapInfo::id).contains(map.id());
      }
      assertThatThrownBy(() -> map.pin(pin))
          .isInstanceOfSatisfying(
              KernelException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST));
      assertThatThrownBy(() -> host.openProgram(pin))
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("it is a map");
    } finally {
      Files.deleteIfExists(pin);
    }
  }

  @Test
  void opensMapsAndProgramsByNameWhereThatIsClear() {
    String name = "named%d".formatted(ProcessHandle.current().pid());
    String longName = name + "_and_more_than_fits";
    long zero = Bytecode.slot(0xb7, 0, 0, (short) 0, 0);
    long exit = Bytecode.slot(0x95, 0, 0, (short) 0, 0);
    CollectionSpec spec =
        CollectionSpec.of(
            List.of(MapSpec.of(longName, MapType.ARRAY, 4, 4, 1)),
            List.of(ProgramSpec.of(name, ProgramType.XDP, Bytecode.of(zero, exit))));
    try (LoadedCollection first = host.load(spec)) {
      LinuxMap map = (LinuxMap) first.map(longName);
      LinuxProgram program = (LinuxProgram) first.program(name);
      try (LinuxMap opened = host.openMap(longName)) {
        assertThat(opened.id()).isEqualTo(map.id());
      }
      try (LinuxHost other = LinuxHost.open()) {
        assertThat(other.openProgram(name).id()).isEqualTo(program.id());
      }
      try (LoadedCollection second = host.load(spec)) {
        assertNotOpened(
            Errno.EEXIST,
            List.of(program.id(), ((LinuxProgram) second.program(name)).id()).toString(),
            () -> host.openProgram(name));
        assertNotOpened(
            Errno.EEXIST,
            List.of(map.id(), ((LinuxMap) second.map(longName)).id()).toString(),
            () -> host.openMap(longName));
      }
    }
    assertNotOpened(Errno.ENOENT, "open program " + name, () -> host.openProgram(name));
    assertNotOpened(Errno.ENOENT, "open map " + longName, () -> host.openMap(longName));
  }

  private static void assertNotOpened(Errno errno, String text, Runnable operation) {
    assertThatThrownBy(operation::run)
        .isInstanceOfSatisfying(KernelException.class, e -> assertThat(e.errno()).isEqualTo(errno))
        .message()
        .contains(text)
        .hasLineCount(1);
  }

  @Test
  void sharesMapsThatArePinnedByName() throws IOException {
    Path folder = pin("folder");
    Files.createDirectory(folder);
    MapSpec plain = MapSpec.of("shared", MapType.ARRAY, 4, 4, 1);
    MapSpec shared = pinned(plain);
    LinuxLoadOptions options = LinuxLoadOptions.defaults().withPinFolder(folder);
    try (LoadedCollection first = load(shared, options);
        LoadedCollection second = load(shared, options)) {
      first.map("shared").update(LinuxHostTest.u32(0), LinuxHostTest.u32(5));
      assertThat(second.map("shared").lookup(LinuxHostTest.u32(0))).contains(LinuxHostTest.u32(5));
      assertThatThrownBy(() -> load(pinned(plain.withMaxEntries(2)), options))
          .isInstanceOf(LoadException.class)
          .hasMessageContaining("1 entries")
          .hasMessageContaining("2 entries");
    } finally {
      Files.deleteIfExists(folder.resolve("shared"));
      Files.delete(folder);
    }
  }

  private static LoadedCollection load(MapSpec map, LinuxLoadOptions options) {
    return host.load(CollectionSpec.of(List.of(map), List.of()), LoadOptions.defaults(), options);
  }

  private static MapSpec pinned(MapSpec map) {
    return new MapSpec(
        map.name(),
        map.typeNumber(),
        map.keySize(),
        map.valueSize(),
        map.maxEntries(),
        map.flags(),
        map.extra(),
        map.numaNode(),
        map.keyType(),
        map.valueType(),
        true,
        map.inner(),
        map.contents());
  }

  @Test
  void tellsOfAProgramAndDumpsIt() {
    try (LoadedCollection sample =
        host.load(Linux.sample(), LoadOptions.defaults().withProgram("count"))) {
      LinuxProgram count = (LinuxProgram) sample.program("count");
      ProgramInfo info = count.info();
      assertThat(info.name()).isEqualTo("count");
      assertThat(info.type()).contains(ProgramType.SCHED_CLS);
      assertThat(info.gplCompatible()).isTrue();
      assertThat(info.tag()).hasSize(16);
      assertThat(info.btfId()).isPositive();
      assertThat(info.mapIds())
          .contains(
              ((LinuxMap) sample.map("counts")).id(), ((LinuxMap) sample.map("per_cpu")).id());
      assertThat(count.translated().size()).isGreaterThan(50);
      assertThat(host.programs()).extracting(ProgramInfo::id).contains(count.id());
      assertThat(host.btf(info.btfId()).find("halve", BtfType.Function.class)).hasSize(1);
      try (LinuxHost other = LinuxHost.open()) {
        assertThat(other.openProgram(count.id()).run(RunInput.packet(new byte[60])).returnValue())
            .isEqualTo(101);
      }
    }
  }

  @Test
  void namesTheErrorsOfMaps() {
    LinuxMap map = host.createMap(MapSpec.of("small", MapType.HASH, 4, 4, 1));
    byte[] one = LinuxHostTest.u32(1);
    map.update(one, one, LinuxMap.NO_EXIST);
    assertErrno(Errno.EEXIST, () -> map.update(one, one, LinuxMap.NO_EXIST));
    assertErrno(Errno.ENOENT, () -> map.update(new byte[4], one, LinuxMap.EXIST));
    assertErrno(Errno.E2BIG, () -> map.update(new byte[4], one));
    assertErrno(Errno.EINVAL, () -> map.update(new byte[3], one));
    assertErrno(Errno.EINVAL, map::events);
    map.freeze();
    assertErrno(Errno.EPERM, () -> map.update(one, one));
    map.close();
    assertErrno(Errno.EBADF, () -> map.lookup(one));
    assertThatThrownBy(() -> host.createMap(MapSpec.of("odd", MapType.ARRAY, 8, 4, 1)))
        .isInstanceOf(MapException.class)
        .hasMessageContaining("ARRAY")
        .hasMessageContaining("EINVAL");
  }

  private static void assertErrno(Errno errno, Runnable operation) {
    assertThatThrownBy(operation::run)
        .isInstanceOfSatisfying(MapException.class, e -> assertThat(e.errno()).isEqualTo(errno));
  }

  @Test
  void namesTheErrorsOfRunsAndPrograms() {
    long exit = Bytecode.slot(0x95, 0, 0, (short) 0, 0);
    long zero = Bytecode.slot(0xb7, 0, 0, (short) 0, 0);
    ProgramSpec xdp = ProgramSpec.of("nothing", ProgramType.XDP, Bytecode.of(zero, exit));
    try (LoadedCollection loaded = host.load(CollectionSpec.of(xdp))) {
      assertThatThrownBy(() -> loaded.program("nothing").run(RunInput.packet(new byte[3])))
          .isInstanceOf(RunException.class)
          .hasMessageContaining("14");
    }
    ProgramSpec probe = ProgramSpec.of("probe", ProgramType.KPROBE, Bytecode.of(zero, exit));
    try (LoadedCollection loaded = host.load(CollectionSpec.of(probe))) {
      assertThatThrownBy(() -> loaded.program("probe").run(RunInput.none()))
          .isInstanceOf(RunException.class)
          .hasMessageContaining("cannot test-run");
    }
  }

  @Test
  void saysWhenWhatAProgramIsTiedToIsNotThere() {
    assertThatThrownBy(
            () -> host.load(Linux.sample(), LoadOptions.defaults().withProgram("replaces")))
        .isInstanceOf(LoadException.class)
        .hasMessageContaining("withTarget");
  }

  @Test
  void saysSoWhereTheKernelLoadsNoTracingPrograms() {
    try (LoadedCollection loaded =
        host.load(Linux.sample(), LoadOptions.defaults().withProgram("BPF_tied"))) {
      assertThat(((LinuxProgram) loaded.program("BPF_tied")).info().attachBtfId()).isPositive();
    } catch (LoadException e) {
      assertThat(e.errno()).isEqualTo(Errno.EPERM);
      assertThat(e.summary()).contains("TRACING");
    }
  }

  /// Counts its runs in a map, and drops the packet.
  private static CollectionSpec counting() {
    MapSpec runs = MapSpec.of("runs", MapType.ARRAY, 4, 8, 1);
    Bytecode code =
        Assembler.assemble(
            """
            r1 = 0 ll
            r2 = 1
            lock *(u64 *)(r1 + 0) += r2
            r0 = 1
            exit
            """);
    long[] slots = code.toSlots();
    int mapValue = 2;
    slots[0] = Bytecode.slot(0x18, 1, mapValue, (short) 0, 0);
    return CollectionSpec.of(
        List.of(runs),
        List.of(
            new ProgramSpec(
                "drop",
                "xdp",
                ProgramSpec.ProgramKind.of(ProgramType.XDP),
                Bytecode.of(slots),
                List.of(new ProgramFunction(0, slots.length, "drop", 0, true)),
                List.of(new Reference.MapData(0, "runs", 0)),
                List.of(),
                List.of(),
                true)));
  }

  @Test
  void readsAllElementsInPlace() {
    try (LinuxMap map = host.createMap(MapSpec.of("numbers", MapType.HASH, 4, 8, 100))) {
      for (int i = 0; i < 100; i++) {
        map.update(LinuxHostTest.u32(i), LinuxHostTest.u64(2L * i));
      }
      Map<Integer, Long> seen = new TreeMap<>();
      map.eachBatch(
          30,
          (keys, values, count) -> {
            for (int i = 0; i < count; i++) {
              seen.put(
                  keys.getAtIndex(ValueLayout.JAVA_INT, i),
                  values.getAtIndex(ValueLayout.JAVA_LONG, i));
            }
          });
      assertThat(seen)
          .hasSize(100)
          .allSatisfy((key, value) -> assertThat(value).isEqualTo(2L * key));
    }
  }

  @Test
  void countsRunsWhileAskedTo() {
    try (LoadedCollection loaded = host.load(counting());
        RunStatistics _ = host.countRuns()) {
      LinuxProgram program = (LinuxProgram) loaded.program("drop");
      program.run(new RunInput(new byte[64], new byte[0], 100));
      assertThat(program.statistics().runs()).isGreaterThanOrEqualTo(100);
      assertThat(program.statistics().nanoseconds()).isPositive();
    }
  }

  @Test
  void sendsLiveFramesThroughAProgram() {
    try (LoadedCollection loaded = host.load(counting())) {
      LinuxProgram program = (LinuxProgram) loaded.program("drop");
      program.runLive(new byte[64], 10);
      assertThat(loaded.map("runs").lookup(new byte[4])).contains(LinuxHostTest.u64(10));
      assertThatThrownBy(() -> program.runLive(new byte[1], 1))
          .isInstanceOf(RunException.class)
          .hasMessageContaining("live frames");
    }
  }

  /// Of such an arena no page is there before a program asks for it.
  @Test
  void anArenaWithoutItsPagesSaysSo() {
    int mappable = 1 << 10;
    int segvOnFault = 1 << 17;
    long start = 3L << 44;
    MapSpec spec =
        MapSpec.of("absent", MapType.ARENA, 0, 0, 4)
            .withFlags(mappable | segvOnFault)
            .withExtra(start);
    try (LinuxMap arena = host.createMap(spec)) {
      assertErrno(Errno.EFAULT, arena::memory);
      assertErrno(Errno.EFAULT, () -> arena.arena().read(start, 8));
      assertErrno(Errno.EFAULT, () -> arena.arena().write(start, new byte[8]));
      assertErrno(Errno.EFAULT, () -> arena.arena().read(start - 1, 8));
      assertThat(arena.arena().size()).isEqualTo(4L * 4096);
    }
  }

  @Test
  void findsWhatIsPinned() throws IOException {
    Path folder = pin("walk");
    Files.createDirectory(folder);
    Path map = folder.resolve("runs");
    Path program = folder.resolve("drop");
    try (LoadedCollection loaded = host.load(counting())) {
      ((LinuxMap) loaded.map("runs")).pin(map);
      ((LinuxProgram) loaded.program("drop")).pin(program);
      assertThat(host.pins(folder))
          .containsExactly(
              new PinnedObject(
                  program, PinnedObject.Kind.PROGRAM, ((LinuxProgram) loaded.program("drop")).id()),
              new PinnedObject(map, PinnedObject.Kind.MAP, ((LinuxMap) loaded.map("runs")).id()));
    } finally {
      Files.deleteIfExists(map);
      Files.deleteIfExists(program);
      Files.deleteIfExists(folder);
    }
  }
}
