package org.ebpf4j.cli.map;

import java.io.StringWriter;
import java.util.List;
import org.ebpf4j.btf.BtfValueCodec;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.cli.output.Json;
import org.ebpf4j.cli.output.Names;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JsonGenerator;

/// `ebpf map`: the maps of an object file and what they start with, and maps in the Linux kernel.
@Command(
    name = "map",
    mixinStandardHelpOptions = true,
    description = "Shows maps of object files, and shows, makes and changes maps in Linux.")
public final class MapCommand extends LiveMapCommand {
  public MapCommand(Console console) {
    super(console);
  }

  @Command(
      name = "show",
      aliases = "list",
      mixinStandardHelpOptions = true,
      description = "Lists the maps of an object file, or those in the Linux kernel.")
  void show(
      @Parameters(arity = "0..*", paramLabel = "[file F|id N|name X|pinned P]")
          List<String> words) {
    if (words == null || words.isEmpty() || !words.getFirst().equals("file")) {
      showLive(words == null ? List.of() : words);
      return;
    }
    CollectionSpec spec = file(parse(words).selector());
    if (json()) {
      printJson(json(spec));
      return;
    }
    for (MapSpec map : spec.maps().values()) {
      console()
          .line(
              "%s  %s  key %dB  value %dB  max_entries %s  flags 0x%x%s",
              map.name(),
              type(map),
              map.keySize(),
              map.valueSize(),
              Integer.toUnsignedString(map.maxEntries()),
              map.flags(),
              map.pinByName() ? "  pinned by name" : "");
    }
  }

  @Command(
      name = "dump",
      mixinStandardHelpOptions = true,
      description = {
        "Prints what the maps of an object file start with, or all elements of a map in Linux.",
        "They are decoded where the types are known."
      })
  void dump(
      @Parameters(arity = "1..*", paramLabel = "file F|id N|name X|pinned P") List<String> words) {
    if (!words.getFirst().equals("file")) {
      dumpLive(words);
      return;
    }
    CollectionSpec spec = file(parse(words).selector());
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.generator(out)) {
      json.writeStartArray();
      for (MapSpec map : spec.maps().values()) {
        contents(spec, map, json);
      }
      json.writeEndArray();
    }
    if (json()) {
      printJson(out.toString());
    }
  }

  private void contents(CollectionSpec spec, MapSpec map, JsonGenerator json) {
    switch (map.contents()) {
      case MapSpec.Contents.None() -> {}
      case MapSpec.Contents.Data(byte[] bytes, boolean frozen) -> {
        String value =
            map.valueType() == 0
                ? '"' + java.util.HexFormat.of().formatHex(bytes) + '"'
                : new BtfValueCodec(spec.btf()).decode(map.valueType(), bytes).toJson();
        element(map, "0", value, json);
      }
      case MapSpec.Contents.Kconfig(List<MapSpec.KconfigVariable> variables) -> {
        for (MapSpec.KconfigVariable variable : variables) {
          element(map, '"' + variable.name() + '"', "null", json);
        }
      }
      case MapSpec.Contents.Slots(List<MapSpec.Slot> slots) -> {
        for (MapSpec.Slot slot : slots) {
          element(map, String.valueOf(slot.key()), '"' + slot.target() + '"', json);
        }
      }
      case MapSpec.Contents.Operations(byte[] bytes, List<MapSpec.Slot> programs) -> {
        for (MapSpec.Slot program : programs) {
          element(map, String.valueOf(program.key()), '"' + program.target() + '"', json);
        }
      }
    }
  }

  private void element(MapSpec map, String key, String value, JsonGenerator json) {
    if (!json()) {
      console().line("%s[%s] = %s", map.name(), key, value);
    }
    json.writeStartObject();
    json.writeStringProperty("map", map.name());
    json.writeName("key");
    json.writeRawValue(key);
    json.writeName("value");
    json.writeRawValue(value);
    json.writeEndObject();
  }

  private static String type(MapSpec map) {
    return map.type().map(Names::of).orElse("type " + map.typeNumber());
  }

  private static String json(CollectionSpec spec) {
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.generator(out)) {
      json.writeStartArray();
      for (MapSpec map : spec.maps().values()) {
        json.writeStartObject();
        json.writeStringProperty("name", map.name());
        json.writeStringProperty("type", type(map));
        json.writeNumberProperty("bytes_key", map.keySize());
        json.writeNumberProperty("bytes_value", map.valueSize());
        json.writeNumberProperty("max_entries", Integer.toUnsignedLong(map.maxEntries()));
        json.writeNumberProperty("flags", map.flags());
        json.writeBooleanProperty("pin_by_name", map.pinByName());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    return out.toString();
  }
}
