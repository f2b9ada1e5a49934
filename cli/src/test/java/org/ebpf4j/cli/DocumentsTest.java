package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the documents tell people to type works.
class DocumentsTest {
  private static final Pattern COMMAND = Pattern.compile("(?m)^ {4}\\./ebpf (.*)$");

  static List<String> commands() throws IOException {
    try (Stream<Path> examples = Files.list(Path.of("..", "examples"))) {
      return Stream.concat(Stream.of(Path.of("..")), examples)
          .map(folder -> folder.resolve("README.md"))
          .filter(Files::exists)
          .flatMap(DocumentsTest::commands)
          .distinct()
          .sorted()
          .toList();
    }
  }

  private static Stream<String> commands(Path document) {
    try {
      return COMMAND
          .matcher(Files.readString(document))
          .results()
          .map(found -> found.group(1).strip());
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandWorks(String command) {
    String here = Matcher.quoteReplacement("../examples/");
    String[] words = command.replaceAll("(?<!\\S)examples/", here).split("\\s+");
    Invocation run = Invocation.of((Object[]) words);
    assertThat(run.err()).isEmpty();
    // The mistakes are there to be refused.
    assertThat(run.code()).isEqualTo(command.contains("mistakes") ? 1 : 0);
    assertThat(run.out()).isNotBlank();
  }
}
