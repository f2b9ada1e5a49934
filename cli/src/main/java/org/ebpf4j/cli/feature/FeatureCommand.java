package org.ebpf4j.cli.feature;

import java.util.List;
import org.ebpf4j.cli.option.NounCommand;
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
        "Tries every program type, map type and helper, and shows how the kernel is configured,",
        "with bpftool's words and field names."
      })
  void probe(@Parameters(arity = "0..*", paramLabel = "[kernel]") List<String> words) {
    if (words != null && !words.isEmpty() && !words.equals(List.of("kernel"))) {
      throw usage("say: probe kernel");
    }
    try (LinuxHost host = LinuxHost.open()) {
      FeatureReport report = FeatureReport.of(host);
      if (json()) {
        console().line(report.json());
      } else {
        report.text(console());
      }
    }
  }
}
