package org.ebpf4j.cli.btf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfSubset;
import org.ebpf4j.cli.map.LiveMaps;
import org.ebpf4j.cli.option.Selector;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.prog.LivePrograms;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.MapInfo;

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

  /// What of a map's types is meant.
  enum Part {
    KEY,
    VALUE,
    KV,
    ALL
  }

  /// The part that the words name behind the map; that of keys and values if they do not.
  static Optional<Part> part(List<String> words) {
    if (!words.getFirst().equals("map")) {
      return Optional.empty();
    }
    return Optional.of(
        words.size() < 4
            ? Part.KV
            : switch (words.get(3)) {
              case "key" -> Part.KEY;
              case "value" -> Part.VALUE;
              case "all" -> Part.ALL;
              default -> Part.KV;
            });
  }

  /// The words without the one that names the part.
  static List<String> withoutPart(List<String> words) {
    List<String> rest = new ArrayList<>(words);
    if (rest.size() > 3 && List.of("key", "value", "kv", "all").contains(rest.get(3))) {
      rest.remove(3);
    }
    return rest;
  }

  /// The types of a map's keys, values or both, with the types that they stand among.
  ///
  /// @param all whether all of these are meant, and not `ids` alone
  record MapTypes(Btf btf, boolean all, int... ids) {
    /// A line for each.
    BtfRaw raw() {
      return all ? new BtfRaw(btf) : new BtfRaw(btf, ids);
    }

    /// With what they are made of and nothing else; structs behind pointers are declared alone.
    Btf needed() {
      if (all) {
        return btf;
      }
      BtfSubset needed = new BtfSubset(btf);
      for (int id : ids) {
        needed.keep(id, 1);
      }
      return needed.toBtf();
    }
  }

  static MapTypes map(Selector selector, Part part) {
    try (LinuxHost host = LinuxHost.open()) {
      MapInfo info = LiveMaps.open(host, selector).info();
      Btf btf = host.btf(id(host, "map", new Selector.ById(info.id())));
      return new MapTypes(
          btf,
          part == Part.ALL,
          IntStream.of(
                  part == Part.VALUE ? 0 : info.keyType(), part == Part.KEY ? 0 : info.valueType())
              .filter(type -> type != 0)
              .toArray());
    }
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
