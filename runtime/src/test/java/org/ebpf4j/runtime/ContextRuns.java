package org.ebpf4j.runtime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;

/// Runs programs of any type in a world with one device, one listening socket, a process in a
/// control group and two counters.
final class ContextRuns {
  private static final Network.Socket LISTENER =
      new Network.Socket(6, IpAddress.of("192.0.2.5"), 80, Optional.empty(), 0, 0, 7, 4711);

  private static final Network NETWORK =
      new Network(
          List.of(new Network.Device(2, 2, 1500, true)), List.of(), List.of(), List.of(LISTENER));

  private final List<String> delivered = new ArrayList<>();

  private final FixedEnvironment environment =
      FixedEnvironment.builder()
          .network(NETWORK)
          .process(100, 101)
          .controlGroups(1, 30, 31)
          .counters("events", 5, 6)
          .delivered((device, ingress, packet) ->
              delivered.add("%d %b %d".formatted(device, ingress, packet.length)))
          .build();

  /// The packets that programs had delivered to the device 2: `device ingress length`.
  List<String> delivered() {
    return delivered;
  }

  RunResult run(ProgramType type, RunInput input, String text, MapSpec... maps) {
    return run(ProgramKind.of(type), input, text, maps);
  }

  /// Runs a program with the listener's cookie in each of its socket maps, at key 0.
  RunResult run(ProgramKind kind, RunInput input, String text, MapSpec... maps) {
    ProgramSpec bare = Programs.program("test", "", text, List.of(maps));
    ProgramSpec program =
        new ProgramSpec(
            "test",
            "",
            kind,
            bare.bytecode(),
            bare.functions(),
            bare.references(),
            List.of(),
            List.of(),
            true);
    CollectionSpec spec = CollectionSpec.of(List.of(maps), List.of(program));
    try (JvmHost host = JvmHost.builder().cpus(1).environment(environment).build();
        LoadedCollection loaded = host.load(spec, LoadOptions.defaults().withUnverified(true))) {
      for (MapSpec map : maps) {
        fill(loaded.map(map.name()));
      }
      return loaded.program("test").run(input);
    }
  }

  private static void fill(BpfMap map) {
    switch (map.type()) {
      case SOCKMAP, SOCKHASH, REUSEPORT_SOCKARRAY -> map.update(new byte[4], words(4711L));
      case CGROUP_ARRAY -> map.update(new byte[4], ints(30));
      default -> {}
    }
  }

  static byte[] words(long... words) {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * 8).order(ByteOrder.nativeOrder());
    bytes.asLongBuffer().put(words);
    return bytes.array();
  }

  static byte[] ints(int... words) {
    ByteBuffer bytes = ByteBuffer.allocate(words.length * 4).order(ByteOrder.nativeOrder());
    bytes.asIntBuffer().put(words);
    return bytes.array();
  }

  static int intAt(byte[] bytes, int offset) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getInt(offset);
  }
}
