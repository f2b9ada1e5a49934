package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Every command describes itself, and lists say of each command a whole sentence.
class HelpTest {
  private static final Pattern COMMAND = Pattern.compile("  ([a-z_]+)[, ].*");

  @Test
  void everyCommandHasHelpAndIsListedWithASentence() {
    int described = describe(List.of());
    assertThat(described).isGreaterThan(35);
  }

  /// The one verb of bpftool for programs that is not there.
  @Test
  void profileSaysWhatToUse() {
    Invocation profile = Invocation.of("prog", "profile", "id", 7, "duration", 1, "cycles");
    assertThat(profile.code()).isEqualTo(1);
    assertThat(profile.err())
        .contains("does not count hardware events", "'ebpf prog show id 7'", "bpftool prog profile")
        .hasLineCount(1);
  }

  private static int describe(List<String> command) {
    List<Object> words = new ArrayList<>(command);
    words.add("--help");
    Invocation help = Invocation.of(words.toArray());
    assertThat(help.code()).as("%s", words).isZero();
    assertThat(help.out()).startsWith("Usage: ebpf");
    int described = 1;
    List<String> lines = help.out().lines().toList();
    int at = lines.indexOf("Commands:") + 1;
    while (at > 0 && at < lines.size() && !lines.get(at).isEmpty()) {
      Matcher listed = COMMAND.matcher(lines.get(at));
      assertThat(listed.matches()).as(lines.get(at)).isTrue();
      StringBuilder text = new StringBuilder(lines.get(at++));
      while (at < lines.size() && lines.get(at).startsWith("     ")) {
        text.append(' ').append(lines.get(at++).strip());
      }
      assertThat(text.toString()).as("%s", command).endsWith(".");
      List<String> inner = new ArrayList<>(command);
      inner.add(listed.group(1));
      described += describe(inner);
    }
    return described;
  }
}
