package org.ebpf4j.cli.map;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.ebpf4j.BpfMap;
import org.ebpf4j.EventReader;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.cli.option.MapBytes;
import org.ebpf4j.cli.option.NounCommand;
import org.ebpf4j.cli.option.Selector;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.Json;
import org.ebpf4j.cli.prog.LivePrograms;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxMap;
import org.ebpf4j.linux.MapInfo;
import org.ebpf4j.linux.PinnedObject;
import org.ebpf4j.spec.MapSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// The verbs of `ebpf map` for maps in the Linux kernel.
abstract class LiveMapCommand extends NounCommand {
  private static final String MAP = "id N|name X|pinned P";
  private static final Duration WAIT = Duration.ofMillis(200);

  LiveMapCommand(Console console) {
    super(console);
  }

  /// What is done with a map.
  private interface Action {
    void on(LinuxHost host, LinuxMap map);
  }

  /// Opens the map that the first two words select.
  private void with(List<String> words, Action action) {
    Selector selector = selector(words);
    try (LinuxHost host = LinuxHost.open()) {
      action.on(host, LiveMaps.open(host, selector));
    }
  }

  private static MapWords rest(List<String> words) {
    return new MapWords(words.subList(2, words.size()));
  }

  final void showLive(List<String> words) {
    try (LinuxHost host = LinuxHost.open()) {
      List<MapInfo> maps =
          words.isEmpty() ? host.maps() : LiveMaps.infos(host, parse(words).selector());
      MapListing listing = MapListing.of(host, maps, pins(host, PinnedObject.Kind.MAP));
      if (json()) {
        printJson(listing.json(!words.isEmpty()));
      } else {
        listing.text(console());
      }
    }
  }

  /// The elements of all maps that are meant.
  final void dumpLive(List<String> words) {
    Selector selector = parse(words).selector();
    try (LinuxHost host = LinuxHost.open()) {
      for (LinuxMap map : LiveMaps.all(host, selector)) {
        dump(host, map);
      }
    }
  }

  private void dump(LinuxHost host, LinuxMap map) {
    ElementFormat format = format(host, map);
    List<DumpedElement> elements = DumpedElement.of(map);
    if (json()) {
      printJson(all(elements, element -> element.json(format)));
    } else if (format.typed()) {
      console().line(Json.pretty(all(elements, element -> element.decoded(format))));
    } else {
      elements.forEach(element -> console().line(element.text(format)));
      long found = elements.stream().filter(element -> element.value().isPresent()).count();
      console().line("Found %d element%s", found, found == 1 ? "" : "s");
    }
  }

  private static String all(List<DumpedElement> elements, Function<DumpedElement, String> format) {
    return elements.stream().map(format).collect(Collectors.joining(",", "[", "]"));
  }

  private static ElementFormat format(LinuxHost host, LinuxMap map) {
    int btfId = map.info().btfId();
    return new ElementFormat(map, btfId == 0 ? Btf.empty() : host.btf(btfId));
  }

  @Command(
      name = "create",
      mixinStandardHelpOptions = true,
      description = "Makes a map in Linux and pins it.")
  void create(
      @Parameters(index = "0", paramLabel = "PATH") Path pin,
      @Parameters(
              index = "1..*",
              paramLabel =
                  "type T key BYTES value BYTES entries N name X [flags F] [inner_map MAP]")
          List<String> words) {
    List<String> attributes = new ArrayList<>(words);
    int innerAt = words.indexOf("inner_map");
    Optional<Selector> inner = Optional.empty();
    if (innerAt >= 0) {
      List<String> named = attributes.subList(innerAt, Math.min(innerAt + 3, attributes.size()));
      inner = Optional.of(parse(named.subList(1, named.size())).selector());
      named.clear();
    }
    if (attributes.contains("dev")) {
      throw new CommandException("maps on network devices ('dev') are not supported");
    }
    Map<String, String> given =
        parse(prefixed(attributes), "type", "key", "value", "entries", "name", "flags").options();
    String name = given.getOrDefault("type", "");
    MapType type =
        java.util.Arrays.stream(MapType.values())
            .filter(candidate -> candidate.name().equals(name.toUpperCase(Locale.ROOT)))
            .findFirst()
            .orElseThrow(() -> new CommandException("'" + name + "' is no map type"));
    MapSpec spec =
        MapSpec.of(
                given.getOrDefault("name", ""),
                type,
                number(given, "key"),
                number(given, "value"),
                number(given, "entries"))
            .withFlags(number(given, "flags"));
    try (LinuxHost host = LinuxHost.open()) {
      MapSpec whole =
          inner.map(like -> spec.withInner(LiveMaps.open(host, like).spec())).orElse(spec);
      preparePin(host, pin);
      host.createMap(whole).pin(pin);
      printDone();
    }
  }

  /// Words that begin with an option, as the selector's parser wants them.
  private static List<String> prefixed(List<String> words) {
    List<String> all = new ArrayList<>(List.of("name", ""));
    all.addAll(words);
    return all;
  }

  private static int number(Map<String, String> given, String word) {
    String value = given.getOrDefault(word, "0");
    try {
      return Integer.decode(value);
    } catch (NumberFormatException e) {
      throw new CommandException("%s '%s' is no number".formatted(word, value), e);
    }
  }

  @Command(
      name = "update",
      mixinStandardHelpOptions = true,
      description = {
        "Stores an element: key and value are bytes, each a word, or hex and bytes.",
        "The value of a map of maps is a map, that of a program array a program: id N, name X or"
            + " pinned P."
      })
  void update(
      @Parameters(
              arity = "1..*",
              paramLabel = MAP + " key DATA value DATA|MAP|PROG [any|exist|noexist]")
          List<String> words) {
    Selector selector = selector(words);
    MapWords given = rest(words);
    try (LinuxHost host = LinuxHost.open()) {
      LinuxMap map = LiveMaps.open(host, selector);
      Optional<Selector> object = given.valueObject();
      switch (map.type()) {
        case ARRAY_OF_MAPS, HASH_OF_MAPS ->
            map.putMap(given.key(map), LiveMaps.open(host, wanted(object)));
        case PROG_ARRAY ->
            map.putProgram(
                ByteBuffer.wrap(given.key(map)).order(ByteOrder.nativeOrder()).getInt(),
                LivePrograms.open(host, wanted(object)));
        default -> map.update(given.key(map), given.value(map), given.flags());
      }
      printDone();
    }
  }

  private static Selector wanted(Optional<Selector> object) {
    return object.orElseThrow(() ->
        new CommandException("the value is a map or program: value id N, name X or pinned P"));
  }

  @Command(
      name = "lookup",
      mixinStandardHelpOptions = true,
      description = "Prints the element of a key.")
  void lookup(@Parameters(arity = "1..*", paramLabel = MAP + " key DATA") List<String> words) {
    with(
        words,
        (host, map) -> {
          byte[] key = rest(words).key(map);
          element(format(host, map), key, map.lookup(key).orElseThrow(() -> absent(key)));
        });
  }

  private static CommandException absent(byte[] key) {
    return new CommandException("no element of key " + MapBytes.line(key) + " (ENOENT)");
  }

  private void element(ElementFormat format, byte[] key, byte[] value) {
    if (json()) {
      printJson(format.json(key, value));
    } else {
      console()
          .line(format.typed() ? Json.pretty(format.decoded(key, value)) : format.text(key, value));
    }
  }

  @Command(
      name = "getnext",
      mixinStandardHelpOptions = true,
      description = "Prints the key after a key, or the first.")
  void next(@Parameters(arity = "1..*", paramLabel = MAP + " [key DATA]") List<String> words) {
    with(
        words,
        (host, map) -> {
          MapWords given = rest(words);
          Optional<byte[]> key = given.hasKey() ? Optional.of(given.key(map)) : Optional.empty();
          byte[] next =
              key.map(map::nextKey)
                  .orElseGet(map::firstKey)
                  .orElseThrow(() -> new CommandException("no further key (ENOENT)"));
          if (json()) {
            printJson(
                "{\"key\":%s,\"next_key\":%s}"
                    .formatted(key.map(MapBytes::json).orElse("null"), MapBytes.json(next)));
          } else {
            console().line("key:%s", key.map(bytes -> "\n" + MapBytes.text(bytes)).orElse(" None"));
            console().line("next key:\n" + MapBytes.text(next));
          }
        });
  }

  @Command(
      name = "delete",
      mixinStandardHelpOptions = true,
      description = "Removes the element of a key.")
  void delete(@Parameters(arity = "1..*", paramLabel = MAP + " key DATA") List<String> words) {
    with(
        words,
        (host, map) -> {
          byte[] key = rest(words).key(map);
          if (!map.delete(key)) {
            throw absent(key);
          }
          printDone();
        });
  }

  @Command(
      name = "pin",
      mixinStandardHelpOptions = true,
      description = "Gives a map in Linux a name in a BPF file system.")
  void pin(@Parameters(arity = "1..*", paramLabel = MAP + " PATH") List<String> words) {
    if (words.size() != 3) {
      throw usage("say: pin id N PATH");
    }
    Path pin = Path.of(words.getLast());
    with(
        words,
        (host, map) -> {
          preparePin(host, pin);
          map.pin(pin);
          printDone();
        });
  }

  @Command(
      name = "push",
      aliases = "enqueue",
      mixinStandardHelpOptions = true,
      description = "Adds a value to a stack or queue.")
  void push(@Parameters(arity = "1..*", paramLabel = MAP + " value DATA") List<String> words) {
    with(
        words,
        (host, map) -> {
          map.update(new byte[0], rest(words).value(map), BpfMap.ANY);
          printDone();
        });
  }

  @Command(
      name = "pop",
      aliases = "dequeue",
      mixinStandardHelpOptions = true,
      description = "Takes a value from a stack or queue.")
  void pop(@Parameters(arity = "1..*", paramLabel = MAP) List<String> words) {
    with(words, (host, map) -> value(format(host, map), map.lookupAndDelete(new byte[0])));
  }

  @Command(
      name = "peek",
      mixinStandardHelpOptions = true,
      description = "Prints the value that pop would take.")
  void peek(@Parameters(arity = "1..*", paramLabel = MAP) List<String> words) {
    with(words, (host, map) -> value(format(host, map), map.lookup(new byte[0])));
  }

  private void value(ElementFormat format, Optional<byte[]> value) {
    element(
        format,
        new byte[0],
        value.orElseThrow(() -> new CommandException("the map is empty (ENOENT)")));
  }

  @Command(
      name = "freeze",
      mixinStandardHelpOptions = true,
      description = "Forbids changes from outside programs.")
  void freeze(@Parameters(arity = "1..*", paramLabel = MAP) List<String> words) {
    with(
        words,
        (host, map) -> {
          map.freeze();
          printDone();
        });
  }

  @Command(
      name = "event_pipe",
      mixinStandardHelpOptions = true,
      description = {
        "Prints the records of a ring buffer or perf event array until interrupted.",
        "With cpu N and index M, only those that programs on CPU N send to slot M."
      })
  void events(
      @Parameters(arity = "1..*", paramLabel = MAP + " [cpu N index M]") List<String> words) {
    Selector.Parsed parsed = parse(words, "cpu", "index");
    Map<String, String> given = parsed.options();
    if (given.size() == 1) {
      throw usage("cpu N and index M go together");
    }
    try (LinuxHost host = LinuxHost.open()) {
      LinuxMap map = LiveMaps.open(host, parsed.selector());
      OptionalInt slot =
          given.isEmpty()
              ? OptionalInt.empty()
              : OptionalInt.of(MapWords.number("index", given.getOrDefault("index", "")));
      try (EventReader reader =
          slot.isEmpty()
              ? map.events()
              : map.events(
                  MapWords.number("cpu", given.getOrDefault("cpu", "")), slot.getAsInt())) {
        EventPrinter printer = new EventPrinter(console(), json(), slot);
        while (!console().out().checkError()) {
          reader.poll(WAIT, printer);
          printer.lost(reader.lost());
        }
      }
    }
  }
}
