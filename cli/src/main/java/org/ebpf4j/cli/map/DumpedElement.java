package org.ebpf4j.cli.map;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.MapException;
import org.ebpf4j.cli.option.MapBytes;
import org.ebpf4j.cli.output.MapFormat;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.LinuxMap;

/// A key of a map and what is there.
///
/// @param value empty if there is nothing, or it cannot be read
/// @param errno why there is no value
record DumpedElement(byte[] key, Optional<byte[]> value, Errno errno) {

  /// All elements of a map. Of maps of sockets, devices, CPUs and the like, which hold something of
  /// the kernel's that may not be there or not be shown, all keys, as bpftool lists them.
  static List<DumpedElement> of(LinuxMap map) {
    return holdsKernelObjects(map)
        ? byKey(map)
        : map.entries().stream()
            .map(entry -> new DumpedElement(entry.key(), Optional.of(entry.value()), Errno.ENOENT))
            .toList();
  }

  private static boolean holdsKernelObjects(LinuxMap map) {
    return map.info().type().filter(MapFormat::holdsKernelObjects).isPresent();
  }

  private static List<DumpedElement> byKey(BpfMap map) {
    List<DumpedElement> elements = new ArrayList<>();
    for (Optional<byte[]> key = map.firstKey(); key.isPresent(); key = map.nextKey(key.get())) {
      elements.add(at(map, key.get()));
    }
    return elements;
  }

  private static DumpedElement at(BpfMap map, byte[] key) {
    try {
      return new DumpedElement(key, map.lookup(key), Errno.ENOENT);
    } catch (MapException e) {
      return new DumpedElement(key, Optional.empty(), e.errno());
    }
  }

  String json(ElementFormat format) {
    return value
        .map(bytes -> format.json(key, bytes))
        .orElseGet(() ->
            "{\"key\":%s,\"value\":{\"error\":\"%s\"}}"
                .formatted(MapBytes.json(key), errno.text()));
  }

  /// Decoded by the map's types; what cannot be read as in [#json].
  String decoded(ElementFormat format) {
    return value.map(bytes -> format.decoded(key, bytes)).orElseGet(() -> json(format));
  }

  String text(ElementFormat format) {
    return value
        .map(bytes -> format.text(key, bytes))
        .orElseGet(() ->
            format.text(
                key, errno == Errno.ENOENT ? "<no entry>" : "<%s>".formatted(errno.text())));
  }
}
