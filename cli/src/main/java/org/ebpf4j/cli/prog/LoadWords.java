package org.ebpf4j.cli.prog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.cli.map.LiveMaps;
import org.ebpf4j.cli.map.MapWords;
import org.ebpf4j.cli.option.Selector;
import org.ebpf4j.cli.option.TypeOption;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxMap;
import org.ebpf4j.spec.CollectionSpec;
import picocli.CommandLine.ParameterException;

/// What may follow in `prog load OBJECT PATH type xdp map name counters id 7 pinmaps DIR`.
///
/// @param type the section name that programs are taken to be in
/// @param maps maps in Linux that take the place of the object's, by name or by index
/// @param pins the folder to pin maps in
record LoadWords(Optional<String> type, Map<String, Selector> maps, Optional<Path> pins) {
  static final String SYNOPSIS = "[type T] [map name X|idx N MAP] [pinmaps DIR]";

  /// @param usage makes the exception for words that make no sense
  static LoadWords parse(List<String> words, Function<String, ParameterException> usage) {
    Optional<String> type = Optional.empty();
    Optional<Path> pins = Optional.empty();
    Map<String, Selector> maps = new LinkedHashMap<>();
    Iterator<String> rest = words.iterator();
    while (rest.hasNext()) {
      String word = rest.next();
      switch (word) {
        case "type" -> type = Optional.of(next(rest, word, usage));
        case "pinmaps" -> pins = Optional.of(Path.of(next(rest, word, usage)));
        case "map" -> {
          String by = next(rest, word, usage);
          String which = next(rest, by, usage);
          maps.put(
              by.equals("idx") ? "#" + which : which,
              selector(next(rest, which, usage), next(rest, "the map", usage), usage));
        }
        default -> throw usage.apply("unexpected word '" + word + "'");
      }
    }
    return new LoadWords(type, maps, pins);
  }

  private static String next(
      Iterator<String> rest, String before, Function<String, ParameterException> usage) {
    if (!rest.hasNext()) {
      throw usage.apply("'" + before + "' wants a value after it");
    }
    return rest.next();
  }

  private static Selector selector(
      String kind, String value, Function<String, ParameterException> usage) {
    return switch (kind) {
      case "id" -> new Selector.ById(MapWords.number("id", value));
      case "name" -> new Selector.ByName(value);
      case "pinned" -> new Selector.ByPin(Path.of(value));
      default -> throw usage.apply("a map is id N, name X or pinned P, not '" + kind + "'");
    };
  }

  /// The spec with its programs of the type asked for.
  CollectionSpec retyped(CollectionSpec spec) {
    return type.map(name -> TypeOption.retyped(spec, name)).orElse(spec);
  }

  /// Options that put the maps in place.
  LoadOptions options(LinuxHost host, CollectionSpec spec) {
    List<String> names = List.copyOf(spec.maps().keySet());
    Map<String, BpfMap> given = new HashMap<>();
    maps.forEach((which, selector) -> {
      String name = which;
      if (which.startsWith("#")) {
        int index = MapWords.number("idx", which.substring(1));
        if (index < 0 || index >= names.size()) {
          throw new CommandException(
              "no map %d in the object; it has %d".formatted(index, names.size()));
        }
        name = names.get(index);
      }
      given.put(name, LiveMaps.open(host, selector));
    });
    LoadOptions options = LoadOptions.defaults();
    for (Map.Entry<String, BpfMap> map : given.entrySet()) {
      options = options.withMap(map.getKey(), map.getValue());
    }
    return options;
  }

  /// Pins maps under the names that they have in the kernel, with `_` for each dot, as libbpf does.
  void pinMaps(LoadedCollection collection) {
    if (pins.isEmpty()) {
      return;
    }
    makeFolder(pins.get());
    for (BpfMap map : collection.maps().values()) {
      if (map instanceof LinuxMap live) {
        String name = live.info().name().isEmpty() ? live.name() : live.info().name();
        live.pin(
            pins.get().resolve((map.name().startsWith(".") ? name : map.name()).replace('.', '_')));
      }
    }
  }

  static void makeFolder(Path folder) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new CommandException(folder + ": cannot be made: " + e.getMessage(), e);
    }
  }
}
