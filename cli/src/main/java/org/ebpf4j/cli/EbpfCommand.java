package org.ebpf4j.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.ebpf4j.cli.bench.BenchCommand;
import org.ebpf4j.cli.btf.BtfCommand;
import org.ebpf4j.cli.feature.FeatureCommand;
import org.ebpf4j.cli.generate.GenCommand;
import org.ebpf4j.cli.link.LinkCommand;
import org.ebpf4j.cli.map.MapCommand;
import org.ebpf4j.cli.option.NounCommand;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.prog.ProgCommand;
import org.ebpf4j.cli.run.RunCommand;
import org.ebpf4j.cli.verify.VerifyCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `ebpf` itself: without a verb, it says what there is.
@Command(
    name = "ebpf",
    description = "Runs, shows and explains eBPF programs: in this JVM, without root or Linux.",
    mixinStandardHelpOptions = true,
    versionProvider = VersionCommand.Provider.class,
    footer = {
      "",
      "Exit codes: 0 done, 1 refused or failed, 2 usage.",
      "Example: ebpf run examples/firewall/firewall.bpf.o --pcap examples/captures/web.pcap",
    })
final class EbpfCommand implements Runnable {
  /// By name, in the order in which help shows them.
  private static final Map<String, Class<?>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("run", RunCommand.class);
    COMMANDS.put("verify", VerifyCommand.class);
    COMMANDS.put("prog", ProgCommand.class);
    COMMANDS.put("map", MapCommand.class);
    COMMANDS.put("link", LinkCommand.class);
    COMMANDS.put("btf", BtfCommand.class);
    COMMANDS.put("feature", FeatureCommand.class);
    COMMANDS.put("gen", GenCommand.class);
    COMMANDS.put("bench", BenchCommand.class);
    COMMANDS.put("plugin", PluginCommand.class);
    COMMANDS.put("version", VersionCommand.class);
  }

  @Spec private CommandSpec spec = CommandSpec.create();

  EbpfCommand(Console console) {}

  /// Adds the command that the words begin with, or all if they begin with none: to describe a
  /// command takes picocli longer than most commands run.
  static void addCommands(CommandLine command, String... words) {
    Class<?> named = words.length == 0 ? null : COMMANDS.get(words[0]);
    if (named != null) {
      command.addSubcommand(words[0], named);
    } else {
      COMMANDS.forEach(command::addSubcommand);
    }
  }

  /// Whether a command is a noun, which verbs follow.
  static boolean hasVerbs(String command) {
    Class<?> named = COMMANDS.get(command);
    return named != null && NounCommand.class.isAssignableFrom(named);
  }

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "which command? Say one of: " + String.join(", ", COMMANDS.keySet()));
  }
}
