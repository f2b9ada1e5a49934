package org.ebpf4j.cli;

import java.io.StringWriter;
import java.util.List;
import java.util.stream.Collectors;
import org.ebpf4j.linux.ProgramInfo;
import tools.jackson.core.JsonGenerator;

/// Shows programs in the kernel, with bpftool's words and field names.
final class ProgramListing {
  private ProgramListing() {}

  static String text(ProgramInfo info) {
    StringBuilder text = new StringBuilder();
    text.append("%d: %s".formatted(info.id(), type(info)));
    if (!info.name().isEmpty()) {
      text.append("  name ").append(info.name());
    }
    text.append("  tag ").append(info.tag()).append(info.gplCompatible() ? "  gpl" : "");
    text.append(
        "%n\tuid %d%n\txlated %dB  %s"
            .formatted(
                info.user(),
                info.translatedBytes(),
                info.nativeBytes() == 0 ? "not jited" : "jited " + info.nativeBytes() + "B"));
    if (!info.mapIds().isEmpty()) {
      text.append("  map_ids ")
          .append(info.mapIds().stream().map(String::valueOf).collect(Collectors.joining(",")));
    }
    if (info.btfId() != 0) {
      text.append("%n\tbtf_id %d".formatted(info.btfId()));
    }
    return text.toString();
  }

  private static String type(ProgramInfo info) {
    return info.type().map(Names::of).orElse("type " + info.typeNumber());
  }

  static String json(List<ProgramInfo> programs) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.generator(out)) {
      json.writeStartArray();
      for (ProgramInfo info : programs) {
        json.writeStartObject();
        json.writeNumberProperty("id", info.id());
        json.writeStringProperty("type", type(info));
        json.writeStringProperty("name", info.name());
        json.writeStringProperty("tag", info.tag());
        json.writeBooleanProperty("gpl_compatible", info.gplCompatible());
        json.writeNumberProperty("run_time_ns", info.runTime().toNanos());
        json.writeNumberProperty("run_cnt", info.runs());
        json.writeNumberProperty("recursion_misses", info.misses());
        json.writeNumberProperty("uid", info.user());
        json.writeNumberProperty("bytes_xlated", info.translatedBytes());
        json.writeBooleanProperty("jited", info.nativeBytes() != 0);
        json.writeNumberProperty("bytes_jited", info.nativeBytes());
        json.writeName("map_ids");
        json.writeStartArray();
        info.mapIds().forEach(json::writeNumber);
        json.writeEndArray();
        json.writeNumberProperty("btf_id", info.btfId());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    return out.toString();
  }
}
