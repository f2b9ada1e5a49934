package org.ebpf4j.cli.btf;

import java.io.StringWriter;
import java.math.BigInteger;
import java.util.List;
import java.util.stream.IntStream;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.Json;
import tools.jackson.core.JsonGenerator;

/// Prints types in bpftool's raw format, as text and as JSON.
final class BtfRaw {
  private static final String ANONYMOUS = "(anon)";

  private final Btf btf;
  private final int[] ids;

  /// All types.
  BtfRaw(Btf btf) {
    this(btf, IntStream.range(btf.firstId(), btf.endId()).toArray());
  }

  /// @param ids the types to print
  BtfRaw(Btf btf, int... ids) {
    this.btf = btf;
    this.ids = ids;
  }

  /// A line for each type, and one for each of its members.
  void text(Console console) {
    for (int id : ids) {
      BtfRow row = BtfRow.of(btf, id);
      StringBuilder text = new StringBuilder();
      text.append('[').append(id).append("] ").append(row.kind());
      text.append(" '").append(name(row.name())).append('\'');
      fields(text, row.fields());
      for (BtfRow.Item item : row.items()) {
        text.append("\n\t");
        if (item.named()) {
          text.append('\'').append(name(item.name())).append('\'');
          fields(text, item.fields());
        } else {
          StringBuilder values = new StringBuilder();
          fields(values, item.fields());
          text.append(values.substring(1)).append(item.note());
        }
      }
      console.line(text.toString());
    }
  }

  private static void fields(StringBuilder text, List<BtfRow.Field> fields) {
    for (BtfRow.Field field : fields) {
      text.append(' ').append(field.key()).append('=').append(field.text());
    }
  }

  private static String name(String name) {
    return name.isEmpty() ? ANONYMOUS : name;
  }

  /// One object with the types, on one line.
  String json() {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.generator(out)) {
      json.writeStartObject();
      json.writeName("types");
      json.writeStartArray();
      for (int id : ids) {
        BtfRow row = BtfRow.of(btf, id);
        json.writeStartObject();
        json.writeNumberProperty("id", id);
        json.writeStringProperty("kind", row.kind());
        json.writeStringProperty("name", name(row.name()));
        fields(json, row.fields());
        if (!row.list().isEmpty()) {
          items(json, row);
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    return out.toString();
  }

  private static void items(JsonGenerator json, BtfRow row) {
    json.writeName(row.list());
    json.writeStartArray();
    for (BtfRow.Item item : row.items()) {
      json.writeStartObject();
      if (item.named()) {
        json.writeStringProperty("name", name(item.name()));
      }
      fields(json, item.fields());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void fields(JsonGenerator json, List<BtfRow.Field> fields) {
    for (BtfRow.Field field : fields) {
      json.writeName(field.key());
      switch (field.value()) {
        case Integer number -> json.writeNumber(number);
        case Long number -> json.writeNumber(number);
        case BigInteger number -> json.writeNumber(number);
        default -> json.writeString(field.text());
      }
    }
  }
}
