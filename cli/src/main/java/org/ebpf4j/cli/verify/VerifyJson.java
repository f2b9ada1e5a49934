package org.ebpf4j.cli.verify;

import java.io.StringWriter;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.Json;
import org.ebpf4j.cli.output.Names;
import org.ebpf4j.isa.SourceLine;
import org.ebpf4j.runtime.FaultReplay;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.verifier.Diagnosis;
import tools.jackson.core.JsonGenerator;

/// Verdicts as JSON, a line each; the schema is `verify.schema.json`.
final class VerifyJson implements VerifyReport {
  private final Console console;

  VerifyJson(Console console) {
    this.console = console;
  }

  @Override
  public void add(Judged judged) {
    console.line(line(judged));
  }

  @Override
  public void end() {}

  private static String line(Judged judged) {
    Optional<ProgramSpec> program = judged.subject().map(Judged.Subject::program);
    Optional<Diagnosis> diagnosis = judged.diagnosis();
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.generator(out)) {
      json.writeStartObject();
      json.writeStringProperty("object", judged.object());
      json.writeStringProperty("section", program.map(ProgramSpec::section).orElse(""));
      json.writeStringProperty("program", judged.program());
      json.writeStringProperty(
          "type", program.flatMap(p -> p.kind().type()).map(Names::of).orElse(""));
      json.writeStringProperty("verdict", judged.word());
      json.writeStringProperty("message", judged.message());
      json.writeName("insn");
      if (diagnosis.isPresent()) {
        json.writeNumber(diagnosis.get().slot());
      } else {
        json.writeNull();
      }
      source(json, diagnosis.flatMap(Diagnosis::source));
      json.writeNumberProperty("insns", program.map(p -> p.bytecode().size()).orElse(0));
      json.writeNumberProperty("insns_processed", judged.verdict().instructionsProcessed());
      json.writeNumberProperty("time_us", judged.micros());
      diagnosis.ifPresent(d -> diagnosis(json, d, judged.witness()));
      json.writeEndObject();
    }
    return out.toString();
  }

  private static void diagnosis(
      JsonGenerator json, Diagnosis diagnosis, Optional<FaultReplay.Witness> witness) {
    json.writeStringProperty("fault", diagnosis.fault());
    json.writeStringProperty("instruction", diagnosis.instruction());
    json.writeStringProperty(
        "source_text", diagnosis.source().map(SourceLine::text).map(String::strip).orElse(""));
    json.writeName("path");
    json.writeStartArray();
    for (Diagnosis.Branch branch : diagnosis.path()) {
      json.writeStartObject();
      json.writeNumberProperty("insn", branch.slot());
      json.writeStringProperty("instruction", branch.instruction());
      json.writeBooleanProperty("taken", branch.taken());
      json.writeNumberProperty("times", branch.times());
      source(json, branch.source());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeName("register");
    if (diagnosis.suspect().isPresent()) {
      register(json, diagnosis.suspect().get());
    } else {
      json.writeNull();
    }
    strings(json, "registers", diagnosis.registers());
    json.writeStringProperty("remedy", diagnosis.remedy());
    json.writeName("replay");
    if (witness.isPresent()) {
      replay(json, witness.get());
    } else {
      json.writeNull();
    }
  }

  private static void register(JsonGenerator json, Diagnosis.Suspect suspect) {
    json.writeStartObject();
    json.writeStringProperty("name", "R" + suspect.register());
    json.writeStringProperty("value", suspect.value());
    json.writeName("origins");
    json.writeStartArray();
    for (Diagnosis.Origin origin : suspect.origins()) {
      json.writeStartObject();
      json.writeNumberProperty("insn", origin.slot());
      json.writeStringProperty("instruction", origin.instruction());
      json.writeStringProperty("effect", origin.effect());
      json.writeStringProperty("value", origin.value());
      source(json, origin.source());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void replay(JsonGenerator json, FaultReplay.Witness witness) {
    json.writeStartObject();
    json.writeStringProperty("input", witness.description());
    json.writeStringProperty("packet", HexFormat.of().formatHex(witness.input().data()));
    json.writeStringProperty("context", HexFormat.of().formatHex(witness.input().context()));
    json.writeNumberProperty("insn", witness.fault().slot());
    json.writeStringProperty("fault", witness.fault().detail());
    json.writeEndObject();
  }

  private static void source(JsonGenerator json, Optional<SourceLine> line) {
    json.writeName("source");
    if (line.isPresent()) {
      json.writeString(line.get().location());
    } else {
      json.writeNull();
    }
  }

  private static void strings(JsonGenerator json, String name, List<String> values) {
    json.writeName(name);
    json.writeStartArray();
    values.forEach(json::writeString);
    json.writeEndArray();
  }
}
