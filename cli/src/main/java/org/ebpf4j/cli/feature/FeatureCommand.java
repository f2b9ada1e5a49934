package org.ebpf4j.cli.feature;

import java.util.Iterator;
import java.util.List;
import org.ebpf4j.cli.option.NounCommand;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.linux.LinuxHost;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `ebpf feature`: what the running kernel can do with eBPF.
@Command(
    name = "feature",
    mixinStandardHelpOptions = true,
    description = "Finds out what the running kernel can do: ebpf feature probe.")
public final class FeatureCommand extends NounCommand {
  public FeatureCommand(Console console) {
    super(console);
  }

  @Command(
      name = "probe",
      mixinStandardHelpOptions = true,
      description = {
        "Tries every program type, map type and helper, and shows how the kernel is configured.",
        "Words and field names are bpftool's. With full, helpers too that write to the kernel's"
            + " log when they are tried; with macros, as C definitions, each name behind the prefix."
      })
  void probe(
      @Parameters(
              arity = "0..*",
              paramLabel = "[kernel] [full] [unprivileged] [macros [prefix PREFIX]]")
          List<String> words) {
    boolean full = false;
    boolean macros = false;
    String prefix = "";
    Iterator<String> rest = words == null ? List.<String>of().iterator() : words.iterator();
    while (rest.hasNext()) {
      String word = rest.next();
      switch (word) {
        case "kernel" -> {}
        case "full" -> full = true;
        case "macros" -> macros = true;
        case "prefix" -> {
          if (!rest.hasNext()) {
            throw usage("'prefix' wants a value after it");
          }
          prefix = rest.next();
        }
        case "unprivileged" -> {
          if (Privileges.any()) {
            throw new CommandException(
                "'unprivileged' shows what a user without privileges can do: run it as one");
          }
        }
        case "dev" ->
            throw new CommandException("features of network devices ('dev') are not supported");
        default -> throw usage("unexpected word '%s': say probe kernel".formatted(word));
      }
    }
    if (json() && macros) {
      throw usage("macros are C and not JSON: leave --json away");
    }
    try (LinuxHost host = LinuxHost.open()) {
      FeatureReport report = FeatureReport.of(host, full);
      if (macros) {
        new FeatureMacros(report, prefix).print(console());
      } else if (json()) {
        printJson(report.json());
      } else {
        report.text(console());
      }
    }
  }
}
