package org.ebpf4j.cli;

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
    subcommands = {
      RunCommand.class,
      VerifyCommand.class,
      ProgCommand.class,
      MapCommand.class,
      BtfCommand.class,
      FeatureCommand.class,
      GenCommand.class,
      BenchCommand.class,
      PluginCommand.class,
      VersionCommand.class,
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 refused or failed, 2 usage.",
      "Example: ebpf run examples/firewall/firewall.bpf.o --pcap examples/captures/web.pcap",
    })
final class EbpfCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  EbpfCommand(Console console) {}

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "which command? Say one of: run, verify, prog, map, btf, feature, gen, bench, plugin,"
            + " version");
  }
}
