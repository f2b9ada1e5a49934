package org.ebpf4j.conformance;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.Host;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.net.capture.CaptureReader;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;

/// Runs examples over captures, as lines to compare.
final class ExampleRun {
  static final List<String> CAPTURES = List.of("web", "dns", "syn", "fragments");

  private static final Path EXAMPLES = Path.of("../examples");
  private static final HexFormat HEX = HexFormat.of();

  /// Maps whose values differ from run to run, as they hold times or what is left of the last
  /// packet on each CPU; of these only the keys are compared.
  private static final Set<String> KEYS_ONLY = Set.of("flows", "scratch");

  private ExampleRun() {}

  static CollectionSpec example(String name) {
    return CollectionReader.read(EXAMPLES.resolve(name).resolve(name + ".bpf.o"));
  }

  static Path capture(String name) {
    return EXAMPLES.resolve("captures").resolve(name + ".pcap");
  }

  /// A line for each packet, then one for each element of each map.
  static List<String> of(Host host, CollectionSpec spec, String example, Path capture) {
    List<String> lines = new ArrayList<>();
    try (LoadedCollection loaded = host.load(spec);
        CaptureReader packets = CaptureReader.open(capture)) {
      BpfProgram program = loaded.program(example);
      while (packets.next()) {
        RunResult result = program.run(RunInput.packet(packets.packet().toBytes()));
        lines.add((int) result.returnValue() + " " + HEX.formatHex(result.data()));
      }
      new TreeMap<>(loaded.maps()).values().forEach(map -> lines.addAll(elements(map)));
    }
    return lines;
  }

  private static List<String> elements(BpfMap map) {
    return switch (map.type()) {
      case HASH, LRU_HASH, ARRAY, LPM_TRIE, PERCPU_HASH, LRU_PERCPU_HASH, PERCPU_ARRAY ->
          map.entries().stream()
              .map(entry ->
                  "%s %s=%s"
                      .formatted(map.name(), HEX.formatHex(entry.key()), value(map, entry.value())))
              .sorted()
              .toList();
      default -> List.of();
    };
  }

  private static String value(BpfMap map, byte[] value) {
    if (KEYS_ONLY.contains(map.name())) {
      return "";
    }
    boolean perCpu = map.type() == MapType.PERCPU_ARRAY || map.type() == MapType.PERCPU_HASH;
    return perCpu ? sum(map, value) : HEX.formatHex(value);
  }

  /// Counters of all CPUs together: which CPU a packet met is up to the host.
  private static String sum(BpfMap map, byte[] row) {
    int stride = (map.spec().valueSize() + 7) & ~7;
    long[] sums = new long[stride / Long.BYTES];
    ByteBuffer words = ByteBuffer.wrap(row).order(ByteOrder.nativeOrder());
    for (int i = 0; words.hasRemaining(); i++) {
      sums[i % sums.length] += words.getLong();
    }
    return Arrays.toString(sums);
  }
}
