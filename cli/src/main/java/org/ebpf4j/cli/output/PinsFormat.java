package org.ebpf4j.cli.output;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import tools.jackson.core.JsonGenerator;

/// Shows the names of an object in BPF file systems, with bpftool's words and field names.
public final class PinsFormat {
  private PinsFormat() {}

  /// A line for each name, each after a line break, or nothing.
  public static String text(List<Path> pins) {
    return pins.stream().map("%n\tpinned %s"::formatted).collect(Collectors.joining());
  }

  /// The field `pinned`, left out if there are none.
  public static void json(JsonGenerator json, List<Path> pins) {
    if (pins.isEmpty()) {
      return;
    }
    json.writeName("pinned");
    json.writeStartArray();
    pins.forEach(pin -> json.writeString(pin.toString()));
    json.writeEndArray();
  }
}
