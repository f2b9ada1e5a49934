package org.ebpf4j.cli;

import java.io.StringWriter;
import java.util.List;
import org.ebpf4j.linux.MapInfo;
import tools.jackson.core.JsonGenerator;

/// Shows maps in the kernel, with bpftool's words and field names.
final class MapListing {
  private MapListing() {}

  static String text(MapInfo info) {
    return "%d: %s%s  flags 0x%x%n\tkey %dB  value %dB  max_entries %s%s%s"
        .formatted(
            info.id(),
            type(info),
            info.name().isEmpty() ? "" : "  name " + info.name(),
            info.flags(),
            info.keySize(),
            info.valueSize(),
            Integer.toUnsignedString(info.maxEntries()),
            info.frozen() ? "  frozen" : "",
            info.btfId() == 0 ? "" : "\n\tbtf_id " + info.btfId());
  }

  private static String type(MapInfo info) {
    return info.type().map(Names::of).orElse("type " + info.typeNumber());
  }

  static String json(List<MapInfo> maps) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.generator(out)) {
      json.writeStartArray();
      for (MapInfo info : maps) {
        json.writeStartObject();
        json.writeNumberProperty("id", info.id());
        json.writeStringProperty("type", type(info));
        json.writeStringProperty("name", info.name());
        json.writeNumberProperty("flags", info.flags());
        json.writeNumberProperty("bytes_key", info.keySize());
        json.writeNumberProperty("bytes_value", info.valueSize());
        json.writeNumberProperty("max_entries", Integer.toUnsignedLong(info.maxEntries()));
        json.writeNumberProperty("frozen", info.frozen() ? 1 : 0);
        json.writeNumberProperty("btf_id", info.btfId());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    return out.toString();
  }
}
