package org.ebpf4j.cli.run;

import java.io.OutputStreamWriter;
import java.io.StringWriter;
import java.lang.foreign.MemorySegment;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.cli.option.HostKind;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.EventFormat;
import org.ebpf4j.cli.output.Json;
import org.ebpf4j.cli.output.MapFormat;
import org.ebpf4j.cli.output.Spool;
import org.ebpf4j.cli.output.ValueStyle;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.spec.ProgramSpec;
import tools.jackson.core.JsonGenerator;

/// Results of a run, as JSON: a line for each packet if asked for, then the summary. The schemas
/// are `run-packet.schema.json` and `run-summary.schema.json`.
final class RunJson implements RunOutput {
  private final Console console;
  private final boolean packets;
  private final EventFormat events;
  private final HostKind host;
  private final Spool recorded = new Spool();
  private final Spool printed = new Spool();

  RunJson(Console console, boolean packets, EventFormat events, HostKind host) {
    this.console = console;
    this.packets = packets;
    this.events = events;
    this.host = host;
  }

  @Override
  public void packet(
      long index, long result, String verdict, MemorySegment after, Optional<ProgramFault> fault) {
    if (packets) {
      line(index, result, verdict, after, Optional.empty(), fault);
    }
  }

  @Override
  public void context(long index, long result, String verdict, byte[] before, byte[] after) {
    if (packets) {
      Optional<String> context = Optional.of(HexFormat.of().formatHex(after));
      line(index, result, verdict, MemorySegment.NULL, context, Optional.empty());
    }
  }

  private void line(
      long index,
      long result,
      String verdict,
      MemorySegment after,
      Optional<String> context,
      Optional<ProgramFault> fault) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = Json.generator(line)) {
      json.writeStartObject();
      json.writeNumberProperty("index", index);
      json.writeNumberProperty("retval", result);
      json.writeStringProperty("verdict", verdict);
      json.writeNumberProperty("length", after.byteSize());
      json.writeStringProperty("hash", hash(after));
      context.ifPresent(bytes -> json.writeStringProperty("context", bytes));
      json.writeName("fault");
      if (fault.isPresent()) {
        Json.fault(json, fault.get());
      } else {
        json.writeNull();
      }
      json.writeEndObject();
    }
    console.line(line.toString());
  }

  /// The first 8 bytes of the SHA-256 of a packet, in hex.
  private static String hash(MemorySegment packet) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(packet.asByteBuffer());
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  public void event(String map, int cpu, MemorySegment record) {
    StringWriter event = new StringWriter();
    try (JsonGenerator json = Json.generator(event)) {
      json.writeStartObject();
      json.writeStringProperty("map", map);
      if (cpu >= 0) {
        json.writeNumberProperty("cpu", cpu);
      }
      json.writeName("data");
      json.writeRawValue(events.text(record, ValueStyle.JSON));
      json.writeEndObject();
    }
    recorded.add(event.toString());
  }

  @Override
  public void printed(String line) {
    StringWriter text = new StringWriter();
    try (JsonGenerator json = Json.generator(text)) {
      json.writeString(line);
    }
    printed.add(text.toString());
  }

  @Override
  public void note(String line) {
    console.note(line);
  }

  @Override
  public void end(
      ProgramSpec program,
      RunCounters counters,
      LoadedCollection collection,
      List<Iteration.Text> iterated,
      Optional<EbpfException> stopped) {
    try (JsonGenerator json =
        Json.generator(new OutputStreamWriter(console.out(), console.out().charset()))) {
      json.writeStartObject();
      json.writeStringProperty("object", collection.spec().name());
      json.writeStringProperty("host", host.toString());
      json.writeStringProperty("program", program.name());
      json.writeStringProperty("section", program.section());
      json.writeNumberProperty("packets", counters.packets());
      json.writeNumberProperty("bytes", counters.bytes());
      json.writeName("verdicts");
      json.writeStartObject();
      for (Map.Entry<String, Long> verdict : counters.verdicts().entrySet()) {
        json.writeNumberProperty(verdict.getKey(), verdict.getValue());
      }
      json.writeEndObject();
      json.writeNumberProperty("faults", counters.faults());
      json.writeNumberProperty("packets_changed", counters.changedPackets());
      json.writeNumberProperty("bytes_changed", counters.changedBytes());
      json.writeNumberProperty("ns_per_packet", counters.nanosecondsPerRun());
      maps(json, collection);
      iterators(json, iterated);
      json.writeName("events");
      recorded.writeTo(json);
      json.writeName("printed");
      printed.writeTo(json);
      json.writeName("error");
      if (stopped.isPresent()) {
        json.writeString(stopped.get().getMessage());
      } else {
        json.writeNull();
      }
      json.writeEndObject();
    }
    console.out().println();
  }

  private static void iterators(JsonGenerator json, List<Iteration.Text> iterated) {
    json.writeName("iterators");
    json.writeStartArray();
    for (Iteration.Text text : iterated) {
      json.writeStartObject();
      json.writeStringProperty("program", text.iteration().program());
      text.iteration().map().ifPresent(name -> json.writeStringProperty("map", name));
      json.writeStringProperty("text", text.text());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void maps(JsonGenerator json, LoadedCollection collection) {
    MapFormat format = new MapFormat(collection.spec().btf(), ValueStyle.JSON);
    json.writeName("maps");
    json.writeStartArray();
    for (BpfMap map : collection.maps().values()) {
      if (MapFormat.hasElements(map)) {
        Json.map(json, map, format.elements(map));
      }
    }
    json.writeEndArray();
  }

  @Override
  public void close() {
    recorded.close();
    printed.close();
  }
}
