package org.ebpf4j.cli;

import java.util.List;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfCPrinter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `ebpf btf`: the types of an object file or a kernel.
@Command(
    name = "btf",
    mixinStandardHelpOptions = true,
    description = "Shows types: ebpf btf dump file F [format raw|c].")
final class BtfCommand extends NounCommand {
  BtfCommand(Console console) {
    super(console);
  }

  @Command(
      name = "dump",
      description = {
        "Prints the types of an object file, or of BTF as it is (/sys/kernel/btf/vmlinux).",
        "format c prints C that a compiler takes; raw, the default, one type a line."
      })
  void dump(@Parameters(paramLabel = "file F [format raw|c]") List<String> words) {
    Selector.Parsed parsed = parse(words, "format");
    if (!(parsed.selector() instanceof Selector.ByFile(java.nio.file.Path path))) {
      throw new CommandException("only 'file F' is understood here");
    }
    Btf btf = BtfFiles.read(path);
    switch (parsed.options().getOrDefault("format", "raw")) {
      case "raw" -> {
        for (int id = btf.firstId(); id < btf.endId(); id++) {
          console().line("[%d] %s", id, btf.type(id));
        }
      }
      case "c" -> console().line(BtfCPrinter.header(btf));
      default -> throw new CommandException("format is raw or c");
    }
  }
}
