package org.ebpf4j.conformance.verdicts;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.ebpf4j.spec.ProgramSpec;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// A kernel's verdicts, a JSON object a line, in the form of `corpus/verdicts-6.12.jsonl`.
final class VerdictFile {
  private final JsonFactory factory = new JsonFactory();
  private final List<String> lines = new ArrayList<>();

  void add(String object, ProgramSpec program, Judgement kernel) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = factory.createGenerator(ObjectWriteContext.empty(), line)) {
      json.writeStartObject();
      json.writeStringProperty("object", object);
      json.writeStringProperty("section", program.section());
      json.writeStringProperty("program", program.name());
      json.writeStringProperty(
          "prog_type",
          program.kind().type().map(type -> type.name().toLowerCase(Locale.ROOT)).orElse(""));
      json.writeStringProperty("kernel", kernel.verdict());
      if (kernel.verdict().equals(Judgement.REJECT)) {
        json.writeStringProperty("kernel_message", kernel.message());
        json.writeStringProperty("errno", kernel.errno());
      }
      json.writeNumberProperty("insns", program.bytecode().size());
      json.writeNumberProperty("insns_processed", kernel.processed());
      json.writeEndObject();
    }
    lines.add(line.toString());
  }

  void write(Path file) throws IOException {
    Files.write(file, lines);
  }
}
