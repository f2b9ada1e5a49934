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
import org.ebpf4j.BpfMap;
import org.ebpf4j.EventReader;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.cli.option.MapBytes;
import org.ebpf4j.cli.option.NounCommand;
import org.ebpf4j.cli.option.Selector;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.MapFormat;
import org.ebpf4j.cli.prog.LivePrograms;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxMap;
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
    void on(LinuxMap map);
  }

  /// Opens the map that the first two words select.
  private void with(List<String> words, Action action) {
    Selector selector = selector(words);
    try (LinuxHost host = LinuxHost.open()) {
      action.on(LiveMaps.open(host, selector));
    }
  }

  private static MapWords rest(List<String> words) {
    return new MapWords(words.subList(2, words.size()));
  }

  final void showLive(List<String> words) {
    try (LinuxHost host = LinuxHost.open()) {
      var maps =
          words.isEmpty()
              ? host.maps()
              : List.of(LiveMaps.open(host, parse(words).selector()).info());
      if (json()) {
        console().line(MapListing.of(host, maps).json());
      } else {
        MapListing.of(host, maps).text(console());
      }
    }
  }

  final void dumpLive(List<String> words) {
    Selector selector = parse(words).selector();
    try (LinuxHost host = LinuxHost.open()) {
      LinuxMap map = LiveMaps.open(host, selector);
      int btfId = map.info().btfId();
      Btf types = btfId == 0 ? Btf.empty() : host.btf(btfId);
      List<BpfMap.Entry> entries = map.entries();
      boolean typed = map.spec().valueType() != 0;
      if (json() || typed) {
        List<String> elements = new ArrayList<>();
        MapFormat format = new MapFormat(types);
        for (BpfMap.Entry entry : entries) {
          elements.add(element(map, format, entry, typed));
        }
        console().line("[" + String.join(",", elements) + "]");
        return;
      }
      entries.forEach(entry -> console().line(pair(entry.key(), entry.value())));
      console().line("Found %d element%s", entries.size(), entries.size() == 1 ? "" : "s");
    }
  }

  private String element(LinuxMap map, MapFormat format, BpfMap.Entry entry, boolean typed) {
    MapFormat.Element shown = format.element(map, entry);
    String decoded = "{\"key\":%s,\"value\":%s}".formatted(shown.key(), shown.value());
    if (!json()) {
      return decoded;
    }
    return "{\"key\":%s,\"value\":%s%s}"
        .formatted(
            MapBytes.json(entry.key()),
            MapBytes.json(entry.value()),
            typed ? ",\"formatted\":" + decoded : "");
  }

  private static String pair(byte[] key, byte[] value) {
    return "key: %s  value: %s".formatted(MapBytes.text(key), MapBytes.text(value));
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
    int innerAt = words.indexOf("inner_map");
    List<String> attributes = innerAt < 0 ? words : words.subList(0, innerAt);
    Optional<Selector> inner =
        innerAt < 0
            ? Optional.empty()
            : Optional.of(parse(words.subList(innerAt + 1, words.size())).selector());
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
      host.createMap(whole).pin(pin);
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
      @Parameters(paramLabel = MAP + " key DATA value DATA|MAP|PROG [any|exist|noexist]")
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
  void lookup(@Parameters(paramLabel = MAP + " key DATA") List<String> words) {
    with(
        words,
        map -> {
          byte[] key = rest(words).key(map);
          element(key, map.lookup(key).orElseThrow(() -> absent(key)));
        });
  }

  private static CommandException absent(byte[] key) {
    return new CommandException("no element of key " + MapBytes.text(key) + " (ENOENT)");
  }

  private void element(byte[] key, byte[] value) {
    console()
        .line(
            json()
                ? "{\"key\":%s,\"value\":%s}".formatted(MapBytes.json(key), MapBytes.json(value))
                : pair(key, value));
  }

  @Command(
      name = "getnext",
      mixinStandardHelpOptions = true,
      description = "Prints the key after a key, or the first.")
  void next(@Parameters(paramLabel = MAP + " [key DATA]") List<String> words) {
    with(
        words,
        map -> {
          MapWords given = rest(words);
          Optional<byte[]> next = given.hasKey() ? map.nextKey(given.key(map)) : map.firstKey();
          byte[] key = next.orElseThrow(() -> new CommandException("no further key (ENOENT)"));
          console()
              .line(
                  json()
                      ? "{\"next_key\":" + MapBytes.json(key) + "}"
                      : "next key:\n" + MapBytes.text(key));
        });
  }

  @Command(
      name = "delete",
      mixinStandardHelpOptions = true,
      description = "Removes the element of a key.")
  void delete(@Parameters(paramLabel = MAP + " key DATA") List<String> words) {
    with(
        words,
        map -> {
          byte[] key = rest(words).key(map);
          if (!map.delete(key)) {
            throw absent(key);
          }
        });
  }

  @Command(
      name = "pin",
      mixinStandardHelpOptions = true,
      description = "Gives a map in Linux a name in a BPF file system.")
  void pin(@Parameters(paramLabel = MAP + " PATH") List<String> words) {
    if (words.size() != 3) {
      throw usage("say: pin id N PATH");
    }
    with(words, map -> map.pin(Path.of(words.getLast())));
  }

  @Command(
      name = "push",
      aliases = "enqueue",
      mixinStandardHelpOptions = true,
      description = "Adds a value to a stack or queue.")
  void push(@Parameters(paramLabel = MAP + " value DATA") List<String> words) {
    with(words, map -> map.update(new byte[0], rest(words).value(map), BpfMap.ANY));
  }

  @Command(
      name = "pop",
      aliases = "dequeue",
      mixinStandardHelpOptions = true,
      description = "Takes a value from a stack or queue.")
  void pop(@Parameters(paramLabel = MAP) List<String> words) {
    with(words, map -> value(map.lookupAndDelete(new byte[0])));
  }

  @Command(
      name = "peek",
      mixinStandardHelpOptions = true,
      description = "Prints the value that pop would take.")
  void peek(@Parameters(paramLabel = MAP) List<String> words) {
    with(words, map -> value(map.lookup(new byte[0])));
  }

  private void value(Optional<byte[]> value) {
    byte[] bytes = value.orElseThrow(() -> new CommandException("the map is empty (ENOENT)"));
    console()
        .line(
            json() ? "{\"value\":" + MapBytes.json(bytes) + "}" : "value: " + MapBytes.text(bytes));
  }

  @Command(
      name = "freeze",
      mixinStandardHelpOptions = true,
      description = "Forbids changes from outside programs.")
  void freeze(@Parameters(paramLabel = MAP) List<String> words) {
    with(words, LinuxMap::freeze);
  }

  @Command(
      name = "event_pipe",
      mixinStandardHelpOptions = true,
      description = "Prints the records of a ring buffer or perf event array until interrupted.")
  void events(@Parameters(paramLabel = MAP) List<String> words) {
    with(
        words,
        map -> {
          try (EventReader reader = map.events()) {
            while (!console().out().checkError()) {
              reader.poll(
                  WAIT,
                  (record, cpu) ->
                      console()
                          .line(
                              "%s%s",
                              cpu < 0 ? "" : "cpu " + cpu + ": ",
                              MapBytes.text(
                                  record.toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))));
            }
          }
        });
  }
}
