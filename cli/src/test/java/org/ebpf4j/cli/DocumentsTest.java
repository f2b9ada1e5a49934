package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.ebpf4j.Link;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.runtime.Hook;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.runtime.ProgramTypeDefinition;
import org.ebpf4j.spec.CollectionReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the documents tell people to type works.
class DocumentsTest {
  private static final Pattern COMMAND = Pattern.compile("(?m)^ {4}\\./ebpf (.*)$");

  /// README.md's hook of one's own.
  public record Order(long price, int quantity) {}

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
    assertThat(run.code()).isZero();
    assertThat(run.out()).isNotBlank();
  }

  @Test
  void theHookOfOnesOwnWorks() {
    ProgramTypeDefinition<Order> risk =
        ProgramTypeDefinition.of("risk", Order.class).returning(0, 1);
    try (JvmHost host =
        JvmHost.builder()
            .programType(risk)
            .helper(
                HelperPrototype.ofNumbers(70_000, "limit_of", 1),
                (call, quantity, b, c, d, e) -> quantity * 10)
            .build()) {
      Hook<Order> hook = host.hook(risk);
      LoadedCollection users =
          host.load(CollectionReader.read(Invocation.example("risk/risk.bpf.o")));
      try (Link link = hook.attach(users.program("check"))) {
        assertThat(link.program().name()).isEqualTo("check");
        assertThat(hook.fire(new Order(101, 10), 1)).isZero();
        assertThat(hook.fire(new Order(100, 10), 1)).isEqualTo(1);
      }
    }
  }
}
