package org.ebpf4j.cli.output;

import java.io.Writer;
import java.util.List;
import org.ebpf4j.BpfMap;
import org.ebpf4j.ProgramFault;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/// The JSON shapes that several commands share.
public final class Json {
  /// Leaves the writer open: it may be standard output.
  private static final JsonFactory FACTORY =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  private Json() {}

  public static JsonGenerator generator(Writer out) {
    return FACTORY.createGenerator(ObjectWriteContext.empty(), out);
  }

  /// Reads JSON, token by token.
  static JsonParser parser(String json) {
    return FACTORY.createParser(ObjectReadContext.empty(), json);
  }

  /// The same JSON for people: a line for each field, arrays of plain values on one.
  public static String pretty(String json) {
    StringBuilder out = new StringBuilder();
    JsonLines.write(parser(json), out);
    return out.toString();
  }

  /// A map with its elements.
  public static void map(JsonGenerator json, BpfMap map, List<MapFormat.Element> elements) {
    json.writeStartObject();
    json.writeStringProperty("name", map.name());
    json.writeStringProperty("type", Names.of(map.type()));
    json.writeName("elements");
    json.writeStartArray();
    for (MapFormat.Element element : elements) {
      json.writeStartObject();
      json.writeName("key");
      json.writeRawValue(element.key());
      json.writeName("value");
      json.writeRawValue(element.value());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /// A fault: where the program was, and what it did.
  public static void fault(JsonGenerator json, ProgramFault fault) {
    json.writeStartObject();
    json.writeStringProperty("kind", Names.of(fault.kind()));
    json.writeStringProperty("program", fault.program());
    json.writeNumberProperty("insn", fault.slot());
    if (fault.line().isPresent()) {
      json.writeStringProperty("source", fault.line().get().location());
    }
    json.writeStringProperty("address", "0x" + Long.toHexString(fault.address()));
    json.writeStringProperty("detail", fault.detail());
    json.writeEndObject();
  }
}
