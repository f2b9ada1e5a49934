package org.ebpf4j.conformance;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.ebpf4j.BpfMap;
import org.ebpf4j.MapException;
import org.ebpf4j.spec.MapSpec;

/// A random sequence of operations on a map, the same for the same seed. Each gives a line of text:
/// what was done and what came of it, values or errno.
final class MapOperations {
  private static final int OPERATIONS = 400;

  private final BpfMap map;
  private final MapSpec spec;
  private final Random random;
  private final int distinctKeys;

  MapOperations(BpfMap map, long seed) {
    this.map = map;
    this.spec = map.spec();
    this.random = new Random(seed);
    // A few more than there is room for, so that maps are full and indexes out of range at times.
    this.distinctKeys = spec.maxEntries() + 2;
  }

  List<String> run() {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < OPERATIONS; i++) {
      lines.add(step());
    }
    lines.add("entries " + outcome(() -> sorted(map.entries())));
    return lines;
  }

  private String step() {
    byte[] key = key();
    String at = hex(key);
    switch (random.nextInt(12)) {
      case 0, 1, 2 -> {
        byte[] value = value();
        // Among them flags that contradict each other and one that is not known.
        long flags = random.nextInt(4) == 0 ? random.nextInt(16) & ~BpfMap.LOCK : BpfMap.ANY;
        return "update %s %d: ".formatted(at, flags)
            + outcome(() -> {
              map.update(key, value, flags);
              return "done";
            });
      }
      case 3, 4 -> {
        return "delete %s: ".formatted(at) + outcome(() -> map.delete(key));
      }
      case 5, 6, 7 -> {
        return "lookup %s: ".formatted(at) + outcome(() -> shown(map.lookup(key)));
      }
      case 8 -> {
        return "take %s: ".formatted(at) + outcome(() -> shown(map.lookupAndDelete(key)));
      }
      case 9 -> {
        List<BpfMap.Entry> entries =
            List.of(new BpfMap.Entry(key, value()), new BpfMap.Entry(key(), value()));
        return "update batch: "
            + outcome(() -> {
              map.updateBatch(entries, BpfMap.ANY);
              return "done";
            });
      }
      case 10 -> {
        return "all: " + outcome(() -> sorted(map.lookupBatch(Optional.empty(), 64).entries()));
      }
      default -> {
        List<byte[]> keys = List.of(key, key());
        return "delete batch: "
            + outcome(() -> {
              map.deleteBatch(keys);
              return "done";
            });
      }
    }
  }

  private byte[] key() {
    byte[] key = new byte[spec.keySize()];
    if (key.length >= Integer.BYTES) {
      key[0] = (byte) random.nextInt(distinctKeys);
    }
    return key;
  }

  private byte[] value() {
    byte[] value = new byte[map.valueBytes()];
    int stride = (spec.valueSize() + 7) & ~7;
    for (int i = 0; i < value.length; i++) {
      int inOne = i % stride;
      value[i] = inOne < spec.valueSize() ? (byte) random.nextInt() : 0;
    }
    return value;
  }

  private static String outcome(Supplier<Object> operation) {
    try {
      return String.valueOf(operation.get());
    } catch (MapException e) {
      return e.errno() + (e.done() > 0 ? " after " + e.done() : "");
    }
  }

  private static String shown(Optional<byte[]> value) {
    return value.map(MapOperations::hex).orElse("none");
  }

  private static String sorted(List<BpfMap.Entry> entries) {
    return entries.stream()
        .sorted(Comparator.comparing(BpfMap.Entry::key, Arrays::compare))
        .map(entry -> hex(entry.key()) + "=" + hex(entry.value()))
        .toList()
        .toString();
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
