package org.ebpf4j.cli.option;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.Json;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.PinnedObject;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// What the commands for programs, maps, links and types have in common.
public abstract class NounCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = {"--json", "-j"},
      description = "JSON instead of text.",
      scope = CommandLine.ScopeType.INHERIT)
  private boolean json;

  @Option(
      names = {"--pretty", "-p"},
      description = "JSON on several lines.",
      scope = CommandLine.ScopeType.INHERIT)
  private boolean pretty;

  @Option(
      names = {"--bpffs", "-f"},
      description = "Shows the names that objects in Linux have in BPF file systems, too.",
      scope = CommandLine.ScopeType.INHERIT)
  private boolean withPins;

  @Option(
      names = {"--nomount", "-n"},
      description = "Mounts no BPF file system at /sys/fs/bpf where one is missing.",
      scope = CommandLine.ScopeType.INHERIT)
  private boolean noMount;

  private final Console console;

  public NounCommand(Console console) {
    this.console = console;
  }

  public final Console console() {
    return console;
  }

  public final boolean json() {
    return json || pretty;
  }

  /// Prints JSON, as it is or for people.
  public final void printJson(String text) {
    console.line(pretty ? Json.pretty(text) : text);
  }

  /// Says that what was wanted is done where there is nothing to print: as JSON, that is `null`, as
  /// bpftool has it.
  public final void printDone() {
    if (json()) {
      console.line("null");
    }
  }

  /// The names of objects in BPF file systems by the object's id, if they are asked for.
  public final Map<Integer, List<Path>> pins(LinuxHost host, PinnedObject.Kind kind) {
    return withPins ? host.pins(kind) : Map.of();
  }

  /// Makes sure that there is a file system to pin to, if that is its usual place.
  public final void preparePin(LinuxHost host, Path pin) {
    if (!noMount && pin.startsWith(LinuxHost.PIN_PLACE)) {
      host.mountPins();
    }
  }

  public final Selector.Parsed parse(List<String> words, String... known) {
    return Selector.parse(spec.commandLine(), words, known);
  }

  /// The object file that a selector names; live objects are those of the Linux host.
  public final CollectionSpec file(Selector selector) {
    if (selector instanceof Selector.ByFile(Path path)) {
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
