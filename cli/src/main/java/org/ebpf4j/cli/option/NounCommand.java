package org.ebpf4j.cli.option;

import java.util.List;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// What the commands for programs, maps and types have in common.
public abstract class NounCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"--json", "-j"},
      description = "JSON instead of text.",
      scope = CommandLine.ScopeType.INHERIT)
  private boolean json;

  private final Console console;

  public NounCommand(Console console) {
    this.console = console;
  }

  public final Console console() {
    return console;
  }

  public final boolean json() {
    return json;
  }

  public final Selector.Parsed parse(List<String> words, String... known) {
    return Selector.parse(spec.commandLine(), words, known);
  }

  /// The object file that a selector names; live objects are those of the Linux host.
  public final CollectionSpec file(Selector selector) {
    if (selector instanceof Selector.ByFile(java.nio.file.Path path)) {
      return CollectionReader.read(path);
    }
    throw new ParameterException(
        spec.commandLine(), "only 'file F' is understood here: live objects need the Linux host");
  }

  /// The selector that `words` begin with.
  public final Selector selector(List<String> words) {
    return parse(words.subList(0, Math.min(2, words.size()))).selector();
  }

  /// A wrong way to say it: exit code 2.
  public final ParameterException usage(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "which verb? Say one of: " + String.join(", ", spec.subcommands().keySet()));
  }
}
