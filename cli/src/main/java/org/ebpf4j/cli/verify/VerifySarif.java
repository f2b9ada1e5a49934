package org.ebpf4j.cli.verify;

import java.io.StringWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.ebpf4j.cli.Main;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.Json;
import org.ebpf4j.isa.SourceLine;
import org.ebpf4j.verifier.Diagnosis;
import tools.jackson.core.JsonGenerator;

/// Refusals as SARIF 2.1.0, which editors and CI show beside the source: one document on standard
/// output when all is judged.
///
/// Source of the form: OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0".
final class VerifySarif implements VerifyReport {
  private static final String SCHEMA =
      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
  private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:/");
  private static final String NOT_JUDGED = "NOT_JUDGED";

  private final Console console;
  private final List<Judged> failed = new ArrayList<>();

  VerifySarif(Console console) {
    this.console = console;
  }

  @Override
  public void add(Judged judged) {
    if (!judged.isAccepted()) {
      failed.add(judged);
    }
  }

  @Override
  public void end() {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.generator(out)) {
      json.writeStartObject();
      json.writeStringProperty("$schema", SCHEMA);
      json.writeStringProperty("version", "2.1.0");
      json.writeName("runs");
      json.writeStartArray();
      json.writeStartObject();
      tool(json);
      json.writeStringProperty("columnKind", "unicodeCodePoints");
      json.writeName("results");
      json.writeStartArray();
      failed.forEach(judged -> result(json, judged));
      json.writeEndArray();
      json.writeEndObject();
      json.writeEndArray();
      json.writeEndObject();
    }
    console.line(out.toString());
  }

  private static String rule(Judged judged) {
    return judged.diagnosis().map(Diagnosis::fault).orElse(NOT_JUDGED);
  }

  private void tool(JsonGenerator json) {
    SortedSet<String> rules = new TreeSet<>();
    failed.forEach(judged -> rules.add(rule(judged)));
    json.writeName("tool");
    json.writeStartObject();
    json.writeName("driver");
    json.writeStartObject();
    json.writeStringProperty("name", "ebpf verify");
    Optional.ofNullable(Main.class.getPackage().getImplementationVersion())
        .ifPresent(version -> json.writeStringProperty("version", version));
    json.writeName("rules");
    json.writeStartArray();
    for (String rule : rules) {
      json.writeStartObject();
      json.writeStringProperty("id", rule);
      text(json, "shortDescription", words(rule));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndObject();
  }

  /// A rule's name for people: `PACKET_BOUNDS` is `packet bounds`.
  private static String words(String rule) {
    return rule.toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static void result(JsonGenerator json, Judged judged) {
    json.writeStartObject();
    json.writeStringProperty("ruleId", rule(judged));
    json.writeStringProperty("level", judged.diagnosis().isPresent() ? "error" : "warning");
    String remedy = judged.diagnosis().map(Diagnosis::remedy).orElse("");
    String prefix = judged.program().isEmpty() ? "" : judged.program() + ": ";
    text(json, "message", prefix + judged.message() + (remedy.isEmpty() ? "" : "\n" + remedy));
    json.writeName("locations");
    json.writeStartArray();
    json.writeStartObject();
    physical(json, judged.object(), judged.diagnosis().flatMap(Diagnosis::source));
    if (!judged.program().isEmpty()) {
      json.writeName("logicalLocations");
      json.writeStartArray();
      json.writeStartObject();
      json.writeStringProperty("name", judged.program());
      json.writeStringProperty("kind", "function");
      json.writeEndObject();
      json.writeEndArray();
    }
    json.writeEndObject();
    json.writeEndArray();
    judged
        .diagnosis()
        .ifPresent(diagnosis -> {
          codeFlow(json, judged.object(), diagnosis);
          json.writeName("properties");
          json.writeStartObject();
          json.writeStringProperty("object", judged.object());
          json.writeNumberProperty("insn", diagnosis.slot());
          json.writeStringProperty("instruction", diagnosis.instruction());
          json.writeEndObject();
        });
    json.writeEndObject();
  }

  /// The branches on the way and the fault, for editors to step through.
  private static void codeFlow(JsonGenerator json, String object, Diagnosis diagnosis) {
    json.writeName("codeFlows");
    json.writeStartArray();
    json.writeStartObject();
    json.writeName("threadFlows");
    json.writeStartArray();
    json.writeStartObject();
    json.writeName("locations");
    json.writeStartArray();
    for (Diagnosis.Branch branch : diagnosis.path()) {
      String what = branch.instruction() + ": " + branch.decision();
      flowStep(json, object, branch.source(), what);
    }
    flowStep(json, object, diagnosis.source(), diagnosis.message());
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
    json.writeEndObject();
    json.writeEndArray();
  }

  private static void flowStep(
      JsonGenerator json, String object, Optional<SourceLine> line, String message) {
    json.writeStartObject();
    json.writeName("location");
    json.writeStartObject();
    physical(json, object, line);
    text(json, "message", message);
    json.writeEndObject();
    json.writeEndObject();
  }

  /// The source line, or the object itself where it does not tell of its source.
  private static void physical(JsonGenerator json, String object, Optional<SourceLine> line) {
    json.writeName("physicalLocation");
    json.writeStartObject();
    json.writeName("artifactLocation");
    json.writeStartObject();
    json.writeStringProperty("uri", uri(line.map(SourceLine::file).orElse(object)));
    json.writeEndObject();
    if (line.isPresent() && line.get().line() > 0) {
      json.writeName("region");
      json.writeStartObject();
      json.writeNumberProperty("startLine", line.get().line());
      if (line.get().column() > 0) {
        json.writeNumberProperty("startColumn", line.get().column());
      }
      if (!line.get().text().isEmpty()) {
        text(json, "snippet", line.get().text());
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  /// A file as a URI, relative ones as they are. It is a name that the object tells, which need not
  /// be one on this system.
  private static String uri(String file) {
    String path = file.replace('\\', '/');
    boolean absolute = path.startsWith("/") || DRIVE.matcher(path).lookingAt();
    String quoted;
    try {
      quoted =
          new URI(null, null, path.startsWith("/") ? path : "/" + path, null)
              .normalize()
              .toASCIIString();
    } catch (URISyntaxException e) {
      throw new IllegalStateException("no URI for " + file, e); // what needs it is quoted
    }
    if (absolute) {
      return "file://" + quoted;
    }
    String relative = quoted.substring(1);
    // A colon in the first part would make that a scheme.
    return relative.indexOf(':') < 0 ? relative : "./" + relative;
  }

  private static void text(JsonGenerator json, String name, String text) {
    json.writeName(name);
    json.writeStartObject();
    json.writeStringProperty("text", text);
    json.writeEndObject();
  }
}
