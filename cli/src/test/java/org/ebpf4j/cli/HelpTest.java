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

  /// These want no words: they would run.
  private static final List<String> WITHOUT_WORDS =
      List.of("plugin", "version", "feature probe", "prog tracelog");

  @Test
  void everyCommandHasHelpAndIsListedWithASentence() {
    assertThat(commands(List.of())).hasSizeGreaterThan(35);
  }

  /// Whatever is missing behind a command is said, and where more stands. Without Linux there is
  /// nothing to list.
  @Test
  void everyCommandSaysWhatItMisses() {
    for (List<String> command : commands(List.of())) {
      if (!WITHOUT_WORDS.contains(String.join(" ", command))) {
        Invocation bare = Invocation.of(command.toArray());
        if (bare.code() == 2) {
          assertThat(bare.err()).as("%s", command).contains("\nebpf: see: ebpf").hasLineCount(2);
        } else {
          assertThat(bare.err().lines()).as("%s", command).hasSize(bare.code());
        }
      }
    }
  }

  @Test
  void helpIsAlsoAWord() {
    assertThat(Invocation.of("help").out()).startsWith("Usage: ebpf [");
    assertThat(Invocation.of("prog", "help").out()).startsWith("Usage: ebpf prog");
    assertThat(Invocation.of("help", "map", "dump").out()).startsWith("Usage: ebpf map dump");
  }

  @Test
  void anUnknownCommandIsToldWhichThereAre() {
    assertThat(Invocation.of("bogus").err()).contains("unknown command 'bogus'; say one of: run, ");
    assertThat(Invocation.of("link", "bogus").err())
        .contains("unknown command 'bogus'; say one of: ", "detach", "show");
  }

  @Test
  void optionsThatExcludeEachOtherAreNamed() {
    Invocation both = Invocation.of("verify", "--json", "--sarif", "none.bpf.o");
    assertThat(both.code()).isEqualTo(2);
    assertThat(both.err()).startsWith("ebpf: --json, --sarif are mutually exclusive");
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

  /// A command and all below it, each after a look at its help.
  private static List<List<String>> commands(List<String> command) {
    List<Object> words = new ArrayList<>(command);
    words.add("--help");
    Invocation help = Invocation.of(words.toArray());
    assertThat(help.code()).as("%s", words).isZero();
    assertThat(help.out()).startsWith("Usage: ebpf");
    List<List<String>> commands = new ArrayList<>(List.of(command));
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
      commands.addAll(commands(inner));
    }
    return commands;
  }
}
