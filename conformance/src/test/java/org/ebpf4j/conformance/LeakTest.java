package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.ebpf4j.EventReader;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.linux.KernelException;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.MapInfo;
import org.ebpf4j.linux.ProgramInfo;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Loads and closes again and again: nothing may be left. The number of rounds is the system
/// property `ebpf4j.rounds`, 200 by default; 10000 is the long form.
class LeakTest {
  private static final int ROUNDS = Integer.getInteger("ebpf4j.rounds", 200);
  private static final Path EXAMPLE = Path.of("../examples/firewall/firewall.bpf.o");

  /// Names that only this test's objects have.
  private static final String MARK = "ebpf4j_leak";

  private LinuxHost host;

  /// Programs that others have loaded before.
  private final Set<Integer> others = new HashSet<>();

  @BeforeEach
  void open() {
    host = LinuxHosts.open();
  }

  @AfterEach
  void close() {
    if (host != null) {
      host.close();
    }
  }

  @Test
  void leavesNothingAfterManyLoads() throws IOException {
    CollectionSpec example = CollectionReader.read(EXAMPLE);
    CollectionSpec marked = marked();
    host.programs().forEach(info -> others.add(info.id()));
    round(example, marked);
    long descriptors = entries("/proc/self/fd");
    long mappings = bpfMappings();
    for (int i = 0; i < ROUNDS; i++) {
      round(example, marked);
    }
    assertThat(entries("/proc/self/fd")).isEqualTo(descriptors);
    assertThat(bpfMappings()).isEqualTo(mappings);
    // The kernel frees maps and programs a little after the last descriptor is closed.
    long deadline = System.nanoTime() + 10_000_000_000L;
    while (!leftBehind().isEmpty() && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(leftBehind()).isEmpty();
  }

  private void round(CollectionSpec example, CollectionSpec marked) {
    try (LoadedCollection loaded = host.load(example)) {
      for (MapSpec map : example.maps().values()) {
        if (map.type().filter(type -> type == MapType.RINGBUF).isPresent()) {
          try (EventReader events = loaded.map(map.name()).events()) {
            assertThat(events.lost()).isZero();
          }
        }
      }
    }
    try (LoadedCollection loaded = host.load(marked, LoadOptions.defaults().withProgram("good"))) {
      assertThat(loaded.maps()).hasSize(1);
    }
    assertThatThrownBy(() -> host.load(marked)).isInstanceOf(LoadException.class);
  }

  /// Types, a map and two programs: `r0 = 0; exit`, and an `exit` without a result, which is
  /// refused.
  private static CollectionSpec marked() {
    long exit = Bytecode.slot(0x95, 0, 0, (short) 0, 0);
    long zero = Bytecode.slot(0xb7, 0, 0, (short) 0, 0);
    CollectionSpec plain =
        CollectionSpec.of(
            List.of(MapSpec.of(MARK, MapType.HASH, 4, 4, 16)),
            List.of(
                ProgramSpec.of("good", ProgramType.SOCKET_FILTER, Bytecode.of(zero, exit)),
                ProgramSpec.of("bad", ProgramType.SOCKET_FILTER, Bytecode.of(exit))));
    Btf types =
        Btf.of(
            List.of(
                new BtfType.Int("int", 4, BtfType.Int.Encoding.SIGNED, 0, 32),
                new BtfType.Typedef(MARK, 1)));
    return new CollectionSpec(
        plain.name(), plain.order(), plain.license(), 0, types, plain.maps(), plain.programs());
  }

  private List<String> leftBehind() {
    Stream<String> maps = host.maps().stream().map(MapInfo::name).filter(MARK::equals);
    Stream<String> programs =
        host.programs().stream()
            .filter(info -> !others.contains(info.id()))
            .map(ProgramInfo::name)
            .filter(name -> name.equals("good") || name.startsWith("firewall"));
    Stream<String> types =
        host.btfObjects().stream()
            .filter(info -> !info.kernel() && isMarked(info.id()))
            .map(info -> "BTF " + info.id());
    return Stream.of(maps, programs, types).flatMap(all -> all).toList();
  }

  private boolean isMarked(int id) {
    try {
      return !host.btf(id).find(MARK, BtfType.Typedef.class).isEmpty();
    } catch (KernelException e) {
      return false; // gone by now
    }
  }

  private static long entries(String folder) throws IOException {
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      return files.count();
    }
  }

  private static long bpfMappings() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/maps")).stream()
        .filter(line -> line.contains("bpf"))
        .count();
  }
}
