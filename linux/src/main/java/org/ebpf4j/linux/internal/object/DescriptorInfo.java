package org.ebpf4j.linux.internal.object;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.linux.internal.call.DescriptorUse;
import org.ebpf4j.sys.Descriptor;

/// What /proc tells of an open descriptor: lines such as `memlock: 4096`.
record DescriptorInfo(Map<String, String> values) {

  /// Of a descriptor of this process; without values if /proc is not there.
  static DescriptorInfo of(Descriptor descriptor) {
    int number = DescriptorUse.begin(descriptor, "ask /proc about a kernel object", "it");
    try {
      return read(Path.of("/proc/self/fdinfo/" + number));
    } catch (IOException e) {
      return new DescriptorInfo(Map.of());
    } finally {
      descriptor.release();
    }
  }

  /// Of any descriptor.
  ///
  /// @param file in some process's `fdinfo`
  static DescriptorInfo read(Path file) throws IOException {
    Map<String, String> values = new HashMap<>();
    for (String line : Files.readAllLines(file)) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        values.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    return new DescriptorInfo(values);
  }

  /// A number, empty if that is not told.
  Optional<Long> number(String name) {
    return Optional.ofNullable(values.get(name))
        .filter(text -> text.matches("[0-9]{1,18}"))
        .map(Long::parseLong);
  }
}
