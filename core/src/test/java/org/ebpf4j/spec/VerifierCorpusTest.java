package org.ebpf4j.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Reads the objects of the kernel's own verifier tests and compares what libbpf makes of them.
///
/// `-Debpf4j.corpus=DIR` names the folder that has them, `DIR/verifier/*.o`;
/// `-Debpf4j.corpus.verdicts=FILE` a file of one JSON object for each program with at least
/// `object`, `program`, `prog_type` and `insns`.
class VerifierCorpusTest {
  private static final Pattern ROW =
      Pattern.compile(
          "\"object\":\"([^\"]*)\".*\"program\":\"([^\"]*)\",\"prog_type\":\"([^\"]*)\""
              + ".*\"insns\":(\\d+)");

  @Test
  void programsHaveTheTypesAndLengthsThatLibbpfGivesThem() throws IOException {
    String corpus = System.getProperty("ebpf4j.corpus", "");
    String verdicts = System.getProperty("ebpf4j.corpus.verdicts", "");
    assumeTrue(
        !corpus.isEmpty() && !verdicts.isEmpty(),
        "needs -Debpf4j.corpus and -Debpf4j.corpus.verdicts");

    Map<String, String> expected = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of(verdicts))) {
      Matcher row = ROW.matcher(line);
      if (row.find()) {
        expected.put(row.group(1) + " " + row.group(2), row.group(3) + " " + row.group(4));
      }
    }
    Map<String, String> actual = new TreeMap<>();
    for (Path object : objects(Path.of(corpus, "verifier"))) {
      for (ProgramSpec program : CollectionReader.read(object).programs().values()) {
        actual.put(
            object.getFileName() + " " + program.name(),
            program.kind().type().orElseThrow().name().toLowerCase(Locale.ROOT)
                + " "
                + program.bytecode().size());
      }
    }
    assertThat(actual).isEqualTo(expected);
  }

  private static List<Path> objects(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return new ArrayList<>(files.filter(f -> f.toString().endsWith(".o")).sorted().toList());
    }
  }
}
