package org.ebpf4j.cli.link;

import java.nio.file.Path;
import java.util.List;
import org.ebpf4j.cli.option.NounCommand;
import org.ebpf4j.cli.option.Selector;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.linux.LinkInfo;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxLink;
import org.ebpf4j.linux.PinnedObject;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// `ebpf link`: programs attached in the Linux kernel.
@Command(
    name = "link",
    mixinStandardHelpOptions = true,
    description = "Shows, pins and detaches links, which are programs attached in Linux.")
public final class LinkCommand extends NounCommand {
  private static final String LINK = "id N|pinned P";

  public LinkCommand(Console console) {
    super(console);
  }

  @Command(
      name = "show",
      aliases = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the links in Linux.")
  void show(@Parameters(arity = "0..*", paramLabel = "[" + LINK + "]") List<String> words) {
    try (LinuxHost host = LinuxHost.open()) {
      boolean all = words == null || words.isEmpty();
      List<LinkInfo> links =
          all ? host.links() : List.of(open(host, parse(words).selector()).info());
      LinkListing listing = LinkListing.of(host, links, pins(host, PinnedObject.Kind.LINK));
      if (json()) {
        printJson(listing.json(!all));
      } else {
        listing.text(console());
      }
    }
  }

  @Command(
      name = "pin",
      mixinStandardHelpOptions = true,
      description = "Gives a link a name in a BPF file system, which keeps the program attached.")
  void pin(@Parameters(arity = "1..*", paramLabel = LINK + " PATH") List<String> words) {
    if (words.size() != 3) {
      throw usage("say: pin id N PATH");
    }
    Path pin = Path.of(words.getLast());
    try (LinuxHost host = LinuxHost.open()) {
      preparePin(host, pin);
      open(host, selector(words)).pin(pin);
      printDone();
    }
  }

  @Command(
      name = "detach",
      mixinStandardHelpOptions = true,
      description = "Detaches a program, whoever holds the link.")
  void detach(@Parameters(arity = "1..*", paramLabel = LINK) List<String> words) {
    try (LinuxHost host = LinuxHost.open()) {
      open(host, parse(words).selector()).detach();
      printDone();
    }
  }

  private LinuxLink open(LinuxHost host, Selector selector) {
    return switch (selector) {
      case Selector.ById(int id) -> host.openLink(id);
      case Selector.ByPin(Path path) -> host.openLink(path);
      case Selector.ByName name -> throw usage("links have no names: say id N or pinned P");
      case Selector.ByTag tag -> throw usage("links have no tags: say id N or pinned P");
      case Selector.ByFile file -> throw usage("files hold no links: say id N or pinned P");
    };
  }
}
