package org.ebpf4j.cli.output;

import java.io.StringWriter;
import java.util.List;
import java.util.function.BiConsumer;
import tools.jackson.core.JsonGenerator;

/// A list of kernel objects as JSON: one object for each, in an array.
public final class JsonListing {
  private JsonListing() {}

  /// All of them, in an array.
  ///
  /// @param fields writes one's fields
  public static <T> String array(List<T> objects, BiConsumer<JsonGenerator, T> fields) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.generator(out)) {
      json.writeStartArray();
      objects.forEach(object -> object(json, object, fields));
      json.writeEndArray();
    }
    return out.toString();
  }

  /// What was asked for: one that was found is shown without an array around it, as bpftool does.
  public static <T> String chosen(List<T> objects, BiConsumer<JsonGenerator, T> fields) {
    if (objects.size() != 1) {
      return array(objects, fields);
    }
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.generator(out)) {
      object(json, objects.getFirst(), fields);
    }
    return out.toString();
  }

  private static <T> void object(
      JsonGenerator json, T object, BiConsumer<JsonGenerator, T> fields) {
    json.writeStartObject();
    fields.accept(json, object);
    json.writeEndObject();
  }
}
