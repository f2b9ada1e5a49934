package org.ebpf4j.cli.btf;

import java.util.List;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.cli.map.LiveMaps;
import org.ebpf4j.cli.option.Selector;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.prog.LivePrograms;
import org.ebpf4j.linux.LinuxHost;

/// Finds types in the kernel, in bpftool's words: `id N`, `prog PROG`, `map MAP`.
final class LiveBtf {
  private LiveBtf() {}

  /// Whether the words speak of types in the kernel.
  static boolean isLive(List<String> words) {
    return switch (words.getFirst()) {
      case "id", "prog", "map" -> true;
      default -> false;
    };
  }

  /// The types of a BTF object, or those that a program or map was loaded with.
  ///
  /// @param kind `id`, `prog` or `map`
  static Btf read(String kind, Selector selector) {
    try (LinuxHost host = LinuxHost.open()) {
      return host.btf(id(host, kind, selector));
    }
  }

  private static int id(LinuxHost host, String kind, Selector selector) {
    if (kind.equals("id") && selector instanceof Selector.ById(int id)) {
      return id;
    }
    int id =
        kind.equals("prog")
            ? LivePrograms.open(host, selector).info().btfId()
            : LiveMaps.open(host, selector).info().btfId();
    if (id == 0) {
      throw new CommandException("that %s was loaded without types".formatted(kind));
    }
    return id;
  }
}
