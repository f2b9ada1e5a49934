package org.ebpf4j.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/// The verifier corpus: the objects that `corpus/build.sh` builds, and the verdicts on them.
///
/// The objects are looked for where the system property `ebpf4j.corpus` or the environment's
/// `EBPF4J_CORPUS` says, else in `~/.cache/ebpf4j-corpus`.
public final class Corpus {
  private final Path folder;

  private Corpus(Path folder) {
    this.folder = folder;
  }

  /// The folder that the corpus is looked for in.
  public static Path place() {
    String named = System.getProperty("ebpf4j.corpus", System.getenv("EBPF4J_CORPUS"));
    return named != null
        ? Path.of(named)
        : Path.of(System.getProperty("user.home"), ".cache", "ebpf4j-corpus");
  }

  /// The corpus, if it has been built.
  public static Optional<Corpus> find() {
    Path folder = place();
    return Files.isDirectory(folder.resolve("verifier"))
        ? Optional.of(new Corpus(folder))
        : Optional.empty();
  }

  /// An object of the corpus, such as `verifier_and.o`.
  public Path object(String name) {
    return folder.resolve("verifier").resolve(name);
  }

  /// A file below the corpus's folder, as [CorpusRow#targetTypes] names it.
  public Path file(String name) {
    return folder.resolve(name);
  }

  /// All rows, by object, in the file's order.
  ///
  /// @param verdicts the file `verdicts-6.12.jsonl`
  public static Map<String, List<CorpusRow>> read(Path verdicts) {
    Map<String, List<CorpusRow>> rows = new LinkedHashMap<>();
    try {
      for (String line : Files.readAllLines(verdicts)) {
        CorpusRow row = row(fields(line));
        rows.computeIfAbsent(row.object(), object -> new ArrayList<>()).add(row);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  private static CorpusRow row(Map<String, List<String>> fields) {
    return new CorpusRow(
        one(fields, "object").orElseThrow(),
        one(fields, "section").orElseThrow(),
        one(fields, "program").orElseThrow(),
        one(fields, "prog_type").orElseThrow(),
        number(fields, "flags").orElse(0),
        one(fields, "auxiliary").isPresent(),
        one(fields, "btf"),
        one(fields, "expected"),
        CorpusRow.Kernel.valueOf(one(fields, "kernel").orElseThrow().toUpperCase(Locale.ROOT)),
        one(fields, "kernel_message"),
        one(fields, "errno").orElse(""),
        fields.getOrDefault("msgs", List.of()),
        number(fields, "log_level").orElse(1),
        one(fields, "retval")
            .filter(text -> !text.equals("pointer"))
            .map(text -> OptionalLong.of(Long.parseLong(text)))
            .orElse(OptionalLong.empty()),
        number(fields, "insns").orElse(0),
        number(fields, "insns_processed").orElse(0));
  }

  private static Optional<String> one(Map<String, List<String>> fields, String name) {
    return fields.getOrDefault(name, List.of()).stream().findFirst();
  }

  private static Optional<Integer> number(Map<String, List<String>> fields, String name) {
    return one(fields, name).map(Integer::parseInt);
  }

  /// The fields of a flat object: scalars as their text, arrays as the texts of their elements;
  /// `null` is left out.
  private static Map<String, List<String>> fields(String json) {
    Map<String, List<String>> fields = new LinkedHashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      String name = "";
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.PROPERTY_NAME) {
          name = parser.currentName();
        } else if (token.isScalarValue() && token != JsonToken.VALUE_NULL) {
          fields.computeIfAbsent(name, key -> new ArrayList<>()).add(parser.getString());
        }
      }
    }
    return fields;
  }
}
