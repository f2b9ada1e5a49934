package org.ebpf4j.cli.bench;

import java.io.OutputStreamWriter;
import org.ebpf4j.cli.option.HostKind;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.Json;
import tools.jackson.core.JsonGenerator;

/// The figures of `ebpf bench` as JSON; the schema is `bench.schema.json`.
final class BenchJson {
  private BenchJson() {}

  static void print(BenchReport report, Console console) {
    try (JsonGenerator json =
        Json.generator(new OutputStreamWriter(console.out(), console.out().charset()))) {
      json.writeStartObject();
      json.writeStringProperty("object", report.object());
      json.writeStringProperty("program", report.program().name());
      json.writeStringProperty("section", report.program().section());
      json.writeNumberProperty("packets", report.packets().size());
      json.writeNumberProperty("mean_packet_bytes", report.meanLength());
      json.writeName("rows");
      json.writeStartArray();
      report.rows().forEach(row -> row(json, row));
      json.writeEndArray();
      json.writeName("notes");
      json.writeStartArray();
      report.notes().forEach(json::writeString);
      json.writeEndArray();
      json.writeEndObject();
    }
    console.out().println();
  }

  private static void row(JsonGenerator json, BenchRow row) {
    json.writeStartObject();
    json.writeStringProperty("host", row.setting().host().toString());
    json.writeName("engine");
    if (row.setting().host() == HostKind.JVM) {
      json.writeString(row.setting().engine().toString());
    } else {
      json.writeNull();
    }
    json.writeName("memory");
    if (row.setting().memory().isPresent()) {
      json.writeString(row.setting().memory().get().toString());
    } else {
      json.writeNull();
    }
    spread(json, "ns_per_run", row.run());
    spread(json, "ns_per_empty_run", row.empty());
    json.writeNumberProperty("load_ns", row.loadNanos());
    json.writeNumberProperty("first_run_ns", row.firstRunNanos());
    json.writeNumberProperty("peak_after_ns", row.peakNanos());
    json.writeName("slowest_from_1s_ns_per_run");
    if (row.slowestLater().isPresent()) {
      json.writeNumber(row.slowestLater().getAsDouble());
    } else {
      json.writeNull();
    }
    json.writeName("warm_up");
    json.writeStartArray();
    for (BenchRow.Point point : row.warmUp()) {
      json.writeStartObject();
      json.writeNumberProperty("since_ns", point.sinceNanos());
      json.writeNumberProperty("ns_per_run", point.runNanos());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void spread(JsonGenerator json, String name, BenchSpread spread) {
    json.writeName(name);
    json.writeStartObject();
    json.writeNumberProperty("median", spread.median());
    json.writeNumberProperty("p10", spread.p10());
    json.writeNumberProperty("p90", spread.p90());
    json.writeNumberProperty("rounds", spread.rounds());
    json.writeEndObject();
  }
}
