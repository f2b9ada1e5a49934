package org.ebpf4j.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.EventReader;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// What callers get wrong is said in one line with the errno's name, and what was tried.
class MisuseTest {
  private static final byte[] KEY = new byte[4];
  private static final Bytecode PASS =
      Bytecode.of(Bytecode.slot(0xb7, 0, 0, (short) 0, 2), Bytecode.slot(0x95, 0, 0, (short) 0, 0));

  private LinuxHost host;

  @BeforeEach
  void open() {
    host = Linux.host();
  }

  @AfterEach
  void close() {
    if (host != null) {
      host.close();
    }
  }

  /// @param words what the message says
  private static DynamicTest refused(String what, Runnable misuse, String... words) {
    return DynamicTest.dynamicTest(
        what,
        () ->
            assertThat(catchThrowable(misuse::run))
                .isInstanceOf(EbpfException.class)
                .message()
                .contains(words)
                .hasLineCount(1));
  }

  private LinuxMap map(MapType type, int keyBytes, int valueBytes, int entries) {
    return host.createMap(MapSpec.of("mine", type, keyBytes, valueBytes, entries));
  }

  private LinuxProgram program(ProgramType type) {
    return (LinuxProgram)
        host.load(CollectionSpec.of(ProgramSpec.of("passes", type, PASS))).program("passes");
  }

  @TestFactory
  Stream<DynamicTest> ofMaps() {
    LinuxMap hash = map(MapType.HASH, 4, 8, 4);
    LinuxMap closed = map(MapType.HASH, 4, 8, 4);
    closed.close();
    LinuxMap samples = map(MapType.PERF_EVENT_ARRAY, 4, 4, 4);
    LinuxMap jumps = map(MapType.PROG_ARRAY, 4, 4, 2);
    LinuxProgram filter = program(ProgramType.SOCKET_FILTER);
    jumps.putProgram(0, program(ProgramType.XDP));
    EventReader reader = map(MapType.RINGBUF, 0, 0, 4096).events();
    reader.close();
    reader.close();
    List<BpfMap.Entry> wrong = List.of(new BpfMap.Entry(KEY, new byte[3]));
    return Stream.of(
        refused("closed", () -> closed.lookup(KEY), "EBADF", "map mine: lookup", "closed"),
        refused("closed, batch", () -> closed.eachBatch(3, (k, v, n) -> {}), "EBADF", "closed"),
        refused("closed, info", closed::info, "EBADF", "closed"),
        refused("closed, pin", () -> closed.pin(Path.of("/sys/fs/bpf/none")), "EBADF", "closed"),
        refused("key size", () -> hash.lookup(new byte[3]), "EINVAL", "3 bytes", "takes 4"),
        refused("batch value", () -> hash.updateBatch(wrong, 0), "EINVAL", "3 bytes", "takes 8"),
        refused("batch of 0", () -> hash.lookupBatch(Optional.empty(), 0), "EINVAL", "at least 1"),
        refused(
            "cursor",
            () -> hash.lookupBatch(Optional.of(new byte[7]), 2),
            "EINVAL",
            "none of this map's"),
        refused("no memory", hash::memory, "ENOTSUPP", "BPF_F_MMAPABLE"),
        refused("CPU", () -> samples.events(999, 0), "EINVAL", "no such CPU"),
        refused("slot", () -> samples.events(0, 999), "E2BIG", "4 elements"),
        refused("not events", hash::events, "EINVAL", "only ring buffers"),
        refused(
            "closed reader",
            () -> reader.poll(Duration.ZERO, (record, cpu) -> {}),
            "EBADF",
            "the reader is closed"),
        refused("slot of a program", () -> jumps.putProgram(7, filter), "E2BIG", "2 elements"),
        refused("type of a program", () -> jumps.putProgram(1, filter), "EINVAL", "PROG_ARRAY"),
        refused("size", () -> map(MapType.HASH, -1, 8, 4), "E2BIG", "keys of -1"),
        refused("no entries", () -> map(MapType.HASH, 4, 8, 0), "EINVAL", "0 entries"));
  }

  @TestFactory
  Stream<DynamicTest> ofPrograms() {
    LinuxProgram xdp = program(ProgramType.XDP);
    LoadedCollection gone =
        host.load(CollectionSpec.of(ProgramSpec.of("gone", ProgramType.XDP, PASS)));
    LinuxProgram closed = (LinuxProgram) gone.program("gone");
    gone.close();
    RunInput long1 = RunInput.packet(new byte[1 << 20]);
    RunInput long2 = new RunInput(new byte[64], new byte[70_000], 1);
    return Stream.of(
        refused("closed, info", closed::info, "EBADF", "closed"),
        refused("packet", () -> xdp.run(long1), "ENOMEM", "1048576 bytes"),
        refused("context", () -> xdp.run(long2), "E2BIG", "70000 bytes"),
        refused("no frames", () -> xdp.runLive(new byte[64], 0), "EINVAL", "once at least"),
        refused("frames", () -> xdp.runLive(new byte[64], -1), "EINVAL", "not -1 times"));
  }

  @TestFactory
  Stream<DynamicTest> ofLoading() {
    LinuxMap closed = map(MapType.HASH, 4, 8, 4);
    closed.close();
    LinuxMap array = map(MapType.ARRAY, 4, 8, 4);
    MapSpec wanted = MapSpec.of("mine", MapType.HASH, 4, 8, 4);
    Bytecode code =
        Bytecode.of(Bytecode.slot(0x18, 1, 1, (short) 0, 0), 0, PASS.slot(0), PASS.slot(1));
    CollectionSpec spec =
        CollectionSpec.of(
            List.of(wanted),
            List.of(
                new ProgramSpec(
                    "uses",
                    "xdp",
                    ProgramSpec.ProgramKind.of(ProgramType.XDP),
                    code,
                    List.of(new ProgramFunction(0, 4, "uses", 0, true)),
                    List.of(new Reference.MapHandle(0, "mine")),
                    List.of(),
                    List.of(),
                    true)));
    LoadOptions plain = LoadOptions.defaults();
    ProgramSpec empty = ProgramSpec.of("empty", ProgramType.XDP, Bytecode.of());
    return Stream.of(
        refused(
            "a closed map",
            () -> host.load(spec, plain.withMap("mine", closed)),
            "EBADF",
            "map mine",
            "closed"),
        refused(
            "another map",
            () -> host.load(spec, plain.withMap("mine", array)),
            "EINVAL",
            "is ARRAY",
            "wants HASH"),
        refused("no map", () -> host.load(spec, plain.withMap("none", array)), "ENOENT", "none"),
        refused("no program", () -> host.load(spec, plain.withProgram("none")), "ENOENT", "uses"),
        refused(
            "no variable",
            () -> host.load(spec, plain.withGlobal("none", KEY)),
            "ENOENT",
            "variable none"),
        refused(
            "flags",
            () -> host.load(spec, plain, LinuxLoadOptions.defaults().withLoadFlags(1 << 30)),
            "EINVAL",
            "flags"),
        refused("no code", () -> host.load(CollectionSpec.of(empty)), "no instructions"),
        refused("no id", () -> host.openProgram(99_999_999), "ENOENT", "99999999"),
        refused("no pin", () -> host.openMap(Path.of("/etc/passwd")), "EACCES", "BPF object"),
        refused("no folder", () -> host.pins(Path.of("/no/such")), "ENOENT", "/no/such"));
  }

  @Test
  void whatIsClosedSaysSo() {
    CollectionSpec spec = CollectionSpec.of(ProgramSpec.of("gone", ProgramType.XDP, PASS));
    LinuxHost ended = LinuxHost.open();
    BpfProgram gone = ended.load(spec).program("gone");
    Runner runner = gone.runner();
    runner.packetBuffer(64);
    ended.close();
    ended.close();
    assertClosed(() -> ended.load(spec), "the host or collection is closed");
    assertClosed(
        () -> ended.createMap(MapSpec.of("mine", MapType.HASH, 4, 8, 4)),
        "the host or collection is closed");
    assertClosed(() -> gone.run(RunInput.packet(new byte[64])), "program gone is closed");
    assertClosed(runner::run, "program gone is closed");
    runner.close();
    runner.close();
    assertClosed(runner::run, "this runner of program gone is closed");
    assertClosed(runner::packet, "this runner of program gone is closed");
    assertClosed(runner::context, "this runner of program gone is closed");
  }

  private static void assertClosed(Runnable use, String message) {
    assertThat(catchThrowable(use::run))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(message);
  }

  @Test
  void aRunnerBelongsToTheFirstThreadThatUsesItAndAnyMayCloseIt() throws Exception {
    Runner runner = program(ProgramType.XDP).runner();
    Thread user = new Thread(() -> runner.packetBuffer(64).fill((byte) 1));
    user.start();
    user.join();
    assertThat(catchThrowable(runner::run))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("belongs to another thread");
    assertThat(runner.packet().byteSize()).isEqualTo(64);
    runner.close();
  }

  @Test
  void mapsOfOtherTypesTakeNoProgramsOrMaps() {
    LinuxMap hash = map(MapType.HASH, 4, 4, 4);
    LinuxProgram xdp = program(ProgramType.XDP);
    assertThat(catchThrowable(() -> hash.putProgram(0, xdp)))
        .hasMessageContaining("putProgram failed with EINVAL: it is not a program array");
    assertThat(catchThrowable(() -> hash.putMap(KEY, hash)))
        .hasMessageContaining("putMap failed with EINVAL: it is not a map of maps");
  }
}
