package org.ebpf4j.cli.btf;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfCPrinter;
import org.ebpf4j.cli.option.BtfFiles;
import org.ebpf4j.cli.option.KernelTypesOption;
import org.ebpf4j.cli.option.NounCommand;
import org.ebpf4j.cli.option.Selector;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.linux.BtfInfo;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.verifier.KernelTypeNeeds;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `ebpf btf`: the types of an object file or a kernel.
@Command(
    name = "btf",
    mixinStandardHelpOptions = true,
    description =
        "Shows the types of files and of what is in Linux, or cuts out those that are needed.")
public final class BtfCommand extends NounCommand {
  public BtfCommand(Console console) {
    super(console);
  }

  @Command(
      name = "dump",
      mixinStandardHelpOptions = true,
      description = {
        "Prints the types of an object file, or those of something in Linux.",
        "A file may be BTF as it is, such as /sys/kernel/btf/vmlinux. In Linux, types are those of a"
            + " BTF object (id N), of a program (prog id N) or of a map (map name X).",
        "Of a map, those of its keys and values (kv), of one of them or all; format c adds what"
            + " these are made of.",
        "format raw, the default, is bpftool's: one type a line; c is C that a compiler takes.",
        "base F names the types that split BTF stands on; for a kernel module's it is found."
      })
  void dump(
      @Parameters(
              arity = "1..*",
              paramLabel =
                  "file F [base F]|id N|prog PROG|map MAP [key|value|kv|all]" + " [format raw|c]")
          List<String> words) {
    if (LiveBtf.isLive(words)) {
      String kind = words.getFirst();
      List<String> plain = LiveBtf.withoutPart(words);
      Selector.Parsed live =
          parse(kind.equals("id") ? plain : plain.subList(1, plain.size()), "format");
      Optional<LiveBtf.Part> part = LiveBtf.part(words);
      if (part.isPresent()) {
        LiveBtf.MapTypes types = LiveBtf.map(live.selector(), part.get());
        print(types.raw(), types::needed, live);
      } else {
        print(LiveBtf.read(kind, live.selector()), live);
      }
      return;
    }
    Selector.Parsed parsed = parse(words, "format", "base");
    if (!(parsed.selector() instanceof Selector.ByFile(Path path))) {
      throw new CommandException("only 'file F' is understood here");
    }
    String base = parsed.options().get("base");
    Btf btf =
        base == null
            ? BtfFiles.read(path)
            : BtfFiles.read(path, Optional.of(BtfFiles.read(Path.of(base))));
    print(btf, parsed);
  }

  private void print(BtfRaw types) {
    if (json()) {
      printJson(types.json());
    } else {
      types.text(console());
    }
  }

  private void print(Btf btf, Selector.Parsed parsed) {
    print(new BtfRaw(btf), () -> btf, parsed);
  }

  private void print(BtfRaw raw, Supplier<Btf> forC, Selector.Parsed parsed) {
    switch (parsed.options().getOrDefault("format", "raw")) {
      case "raw" -> print(raw);
      case "c" -> {
        if (json()) {
          throw new CommandException("format c is C and not JSON: leave --json away");
        }
        console().line(BtfCPrinter.header(forC.get()));
      }
      default -> throw usage("format is raw or c");
    }
  }

  @Command(
      name = "show",
      aliases = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the BTF objects in Linux, with the programs and maps that use them.")
  void show(@Parameters(arity = "0..*", paramLabel = "[id N]") List<String> words) {
    try (LinuxHost host = LinuxHost.open()) {
      List<BtfInfo> objects = host.btfObjects();
      if (words != null
          && !words.isEmpty()
          && parse(words).selector() instanceof Selector.ById(int id)) {
        objects = objects.stream().filter(info -> info.id() == id).toList();
        if (objects.isEmpty()) {
          throw new CommandException(
              "no BTF object of id %d (ENOENT): see ebpf btf show".formatted(id));
        }
      }
      BtfListing listing = BtfListing.of(host, objects);
      if (json()) {
        printJson(listing.json());
      } else {
        listing.text(console());
      }
    }
  }

  @Command(
      name = "min",
      mixinStandardHelpOptions = true,
      description = {
        "Writes the small part of a kernel's types that the programs of objects need.",
        "With it they are verified and relocated where there is no such kernel. Without objects, the"
            + " part that ebpf4j's own tables of helpers, kernel functions and hooks need. Where OUT"
            + " ends in .gz, it is packed."
      })
  void min(
      @Option(
              names = "--btf",
              paramLabel = "FILE",
              description = "The kernel's types; default: /sys/kernel/btf/vmlinux.")
          Optional<Path> from,
      @Option(
              names = {"-o", "--output"},
              required = true,
              paramLabel = "OUT",
              description = "The file to write.")
          Path out,
      @Parameters(arity = "0..*", paramLabel = "OBJECT", description = "Object files.")
          List<Path> objects) {
    Btf kernel = BtfFiles.read(from.orElse(KernelTypesOption.RUNNING));
    KernelTypeNeeds needs = new KernelTypeNeeds(kernel);
    if (objects == null) {
      needs.addTables();
    } else {
      objects.forEach(object -> needs.add(CollectionReader.read(object)));
    }
    Btf part = needs.toBtf();
    long bytes = BtfFiles.write(part, out);
    console()
        .error(
            "%s: %,d of %,d types, %,d bytes"
                .formatted(out, part.ownTypes().size(), kernel.endId() - 1, bytes));
  }
}
