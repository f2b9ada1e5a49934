package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.linux.LinuxAvailability;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxProgram;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `ebpf prog` and `ebpf map` on what lives in the Linux kernel.
class LiveCommandTest {
  private static final Path BPF = Path.of("/sys/fs/bpf");
  private final Path pin = BPF.resolve("ebpf4j-test-" + ProcessHandle.current().pid());

  @TempDir private Path folder;

  @BeforeEach
  void needsLinux() {
    LinuxNeeded.orSkip();
  }

  @AfterEach
  void unpin() throws IOException {
    if (LinuxAvailability.probe() instanceof LinuxAvailability.Available) {
      Files.deleteIfExists(pin);
    }
  }

  @Test
  void aMapIsMadeFilledAndRead() {
    done("map", "create", pin, "type", "hash", "key", 4, "value", 2, "entries", 8, "name", "m");
    done("map", "update", "pinned", pin, "key", 1, 0, 0, 0, "value", "hex", "0a", "ff");
    assertThat(done("map", "lookup", "pinned", pin, "key", 1, 0, 0, 0))
        .isEqualTo("key: 01 00 00 00  value: 0a ff\n");
    assertThat(done("map", "getnext", "pinned", pin))
        .isEqualTo("key: None\nnext key:\n01 00 00 00\n");
    assertThat(done("map", "dump", "pinned", pin))
        .isEqualTo("key: 01 00 00 00  value: 0a ff\nFound 1 element\n");
    assertThat(done("map", "dump", "pinned", pin, "--json"))
        .isEqualTo(
            "[{\"key\":[\"0x01\",\"0x00\",\"0x00\",\"0x00\"],\"value\":[\"0x0a\",\"0xff\"]}]\n");
    assertThat(done("map", "show", "pinned", pin)).contains("hash  name m", "max_entries 8");
    done("map", "delete", "pinned", pin, "key", 1, 0, 0, 0);
    Invocation absent = Invocation.of("map", "delete", "pinned", pin, "key", 1, 0, 0, 0, "--json");
    assertThat(absent.code()).isEqualTo(1);
    assertThat(absent.err().lines()).hasSize(1);
    assertThat(absent.out()).startsWith("{\"error\":{\"message\":\"no element of key 01 00 00 00");
  }

  @Test
  void aQueueGivesWhatWentInFirst() {
    done("map", "create", pin, "type", "queue", "value", 1, "entries", 2, "name", "q");
    done("map", "enqueue", "pinned", pin, "value", 7);
    done("map", "push", "pinned", pin, "value", 8);
    assertThat(done("map", "peek", "pinned", pin)).isEqualTo("value: 07\n");
    assertThat(done("map", "dequeue", "pinned", pin)).isEqualTo("value: 07\n");
    assertThat(done("map", "pop", "pinned", pin)).isEqualTo("value: 08\n");
    assertThat(Invocation.of("map", "pop", "pinned", pin).code()).isEqualTo(1);
  }

  @Test
  void aProgramIsLoadedShownRunAndDumped() throws IOException {
    done("prog", "load", Invocation.example("flowtable/flowtable.bpf.o"), pin);
    assertThat(done("prog", "show", "pinned", pin)).contains("tag ", "xlated ", "map_ids ");
    assertThat(done("prog", "show", "pinned", pin, "--json")).contains("\"bytes_xlated\":");
    Path packet = Files.write(folder.resolve("packet"), new byte[64]);
    assertThat(done("prog", "run", "pinned", pin, "data_in", packet, "repeat", 3))
        .contains("Return value: ", "duration (average): ");
    assertThat(done("prog", "dump", "xlated", "pinned", pin)).contains("exit");
    assertThat(done("prog", "dump", "jited", "pinned", pin)).isNotBlank();
  }

  @Test
  void mapsAndProgramsArePutIntoMaps() throws IOException {
    Path outer = BPF.resolve(pin.getFileName() + "-outer");
    Path jumps = BPF.resolve(pin.getFileName() + "-jumps");
    Path program = BPF.resolve(pin.getFileName() + "-program");
    try {
      done("map", "create", pin, "type", "array", "key", 4, "value", 4, "entries", 1, "name", "in");
      done(
          "map",
          "create",
          outer,
          "type",
          "hash_of_maps",
          "key",
          4,
          "value",
          4,
          "entries",
          2,
          "name",
          "out",
          "inner_map",
          "pinned",
          pin);
      done("map", "update", "pinned", outer, "key", 1, 0, 0, 0, "value", "pinned", pin);
      String id = done("map", "show", "pinned", pin).split(":")[0];
      assertThat(done("map", "lookup", "pinned", outer, "key", 1, 0, 0, 0))
          .isEqualTo("key: 01 00 00 00  inner_map_id: " + id + "\n");

      done("prog", "load", Invocation.example("flowtable/flowtable.bpf.o"), program);
      done(
          "map",
          "create",
          jumps,
          "type",
          "prog_array",
          "key",
          4,
          "value",
          4,
          "entries",
          2,
          "name",
          "j");
      done("map", "update", "pinned", jumps, "key", 0, 0, 0, 0, "value", "pinned", program);
      Invocation bytes =
          Invocation.of("map", "update", "pinned", jumps, "key", 0, 0, 0, 0, "value", 1, 0, 0, 0);
      assertThat(bytes.code()).isEqualTo(1);
      assertThat(bytes.err()).contains("value id N").hasLineCount(1);
    } finally {
      Files.deleteIfExists(outer);
      Files.deleteIfExists(jumps);
      Files.deleteIfExists(program);
    }
  }

  @Test
  void aVerdictIsAttachedToAMapOfSocketsAndDetached() throws IOException {
    Path program = BPF.resolve(pin.getFileName() + "-verdict");
    try (LinuxHost host = LinuxHost.open();
        LoadedCollection loaded = host.load(CollectionSpec.of(VERDICT))) {
      done(
          "map", "create", pin, "type", "sockmap", "key", 4, "value", 4, "entries", 2, "name", "s");
      ((LinuxProgram) loaded.program("verdict")).pin(program);
      Object[] where = {"pinned", program, "sk_skb_verdict", "pinned", pin};
      done(with("attach", where));
      done(with("detach", where));
      Invocation again = Invocation.of(with("detach", where));
      assertThat(again.code()).isEqualTo(1);
      assertThat(again.err()).contains("it is not attached there", "ENOENT").hasLineCount(1);
      Invocation other = Invocation.of("prog", "attach", "pinned", program, "flow_dissector");
      assertThat(other.code()).isEqualTo(1);
      assertThat(other.err()).contains("verdict", "EINVAL").hasLineCount(1);
      assertThat(Invocation.of("prog", "attach", "pinned", program, "elsewhere").code())
          .isEqualTo(2);
    } finally {
      Files.deleteIfExists(program);
    }
  }

  /// Lets pass.
  private static final ProgramSpec VERDICT =
      ProgramSpec.of(
          "verdict",
          ProgramType.SK_SKB,
          Bytecode.of(
              Bytecode.slot(0xb7, 0, 0, (short) 0, 1), Bytecode.slot(0x95, 0, 0, (short) 0, 0)));

  private static Object[] with(String verb, Object... words) {
    return Stream.concat(Stream.of("prog", verb), Stream.of(words)).toArray();
  }

  private static String done(Object... words) {
    Invocation invocation = Invocation.of(words);
    assertThat(invocation.err()).isEmpty();
    assertThat(invocation.code()).isZero();
    return invocation.out();
  }
}
