package org.ebpf4j.cli.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.MapException;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfValueException;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.JsonValue;
import org.ebpf4j.cli.output.ValueReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;

/// What a run starts with: values of global variables and elements of maps, in the form in which
/// `--json` shows them at the end of a run.
final class InitialState {
  private static final int CPU_ALIGNMENT = Long.BYTES;

  private final CollectionSpec spec;
  private final ValueReader reader;
  private final Map<String, byte[]> variables = new LinkedHashMap<>();
  private final List<Element> elements = new ArrayList<>();

  private record Element(String where, String map, JsonValue key, JsonValue value) {}

  InitialState(CollectionSpec spec) {
    this.spec = spec;
    this.reader = new ValueReader(spec.btf());
  }

  /// Sets a variable by `NAME=VALUE`; what is not JSON is text.
  void set(String assignment) {
    int equals = assignment.indexOf('=');
    if (equals < 1) {
      throw new CommandException("--set takes NAME=VALUE, not '" + assignment + "'");
    }
    String text = assignment.substring(equals + 1);
    JsonValue value;
    try {
      value = JsonValue.read("--set", text);
    } catch (CommandException notJson) {
      value = new JsonValue.Text(text);
    }
    set("--set ", assignment.substring(0, equals), value);
  }

  private void set(String where, String name, JsonValue value) {
    List<Integer> found = spec.btf().find(name, BtfType.Variable.class);
    if (found.isEmpty()
        || !(spec.btf().type(found.getFirst()) instanceof BtfType.Variable variable)) {
      throw new CommandException("%s%s: no global variable of this name".formatted(where, name));
    }
    int size = new BtfLayout(spec.btf()).sizeOf(variable.type()).orElse(0);
    variables.put(name, bytes(where + name, variable.type(), size, value));
  }

  /// Reads elements of maps from a file: what `--json` printed, or its `maps` alone.
  void read(Path file) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw CommandException.unread(file, e);
    }
    JsonValue json = JsonValue.read(file.toString(), text);
    JsonValue maps = json instanceof JsonValue.Members all ? all.byName().get("maps") : json;
    if (!(maps instanceof JsonValue.Elements(List<JsonValue> all))) {
      throw new CommandException(file + ": an array of maps, or an object with one named maps");
    }
    for (int i = 0; i < all.size(); i++) {
      read("%s: map %d".formatted(file, i), all.get(i));
    }
  }

  private void read(String where, JsonValue map) {
    if (!(map instanceof JsonValue.Members fields)
        || !(fields.byName().get("name") instanceof JsonValue.Text(String name))
        || !(fields.byName().get("elements") instanceof JsonValue.Elements(List<JsonValue> all))) {
      throw new CommandException(where + ": takes a name and elements");
    }
    MapSpec shape = spec.maps().get(name);
    if (shape == null) {
      throw new CommandException(
          "%s: no map named %s; it has %s"
              .formatted(where, name, String.join(", ", spec.maps().keySet())));
    }
    if (all.isEmpty() && isData(shape)) {
      clear(shape);
    }
    for (int i = 0; i < all.size(); i++) {
      String at = "%s, %s: element %d".formatted(where, name, i);
      if (!(all.get(i) instanceof JsonValue.Members(Map<String, JsonValue> parts))
          || !parts.containsKey("key")
          || !parts.containsKey("value")) {
        throw new CommandException(at + ": takes a key and a value");
      }
      if (isData(shape)) {
        setAll(at, parts.get("value"));
      } else if (!holdsObjects(shape)) {
        elements.add(new Element(at, name, parts.get("key"), parts.get("value")));
      }
    }
  }

  /// Elements of arrays that are all zero are not shown, and so not read.
  private void clear(MapSpec data) {
    if (spec.btf().resolved(data.valueType()) instanceof BtfType.DataSection section) {
      for (BtfType.SectionVariable variable : section.variables()) {
        variables.put(spec.btf().type(variable.type()).name(), new byte[variable.size()]);
      }
    }
  }

  private boolean isData(MapSpec map) {
    return map.valueType() != 0
        && spec.btf().resolved(map.valueType()) instanceof BtfType.DataSection;
  }

  /// Whether values are programs or other maps: they stay what the object says.
  private static boolean holdsObjects(MapSpec map) {
    return map.type()
        .filter(type ->
            type == MapType.PROG_ARRAY
                || type == MapType.ARRAY_OF_MAPS
                || type == MapType.HASH_OF_MAPS)
        .isPresent();
  }

  /// The variables of a section of data.
  private void setAll(String where, JsonValue section) {
    if (!(section instanceof JsonValue.Members(Map<String, JsonValue> values))) {
      throw new CommandException(where + ": takes variables by name");
    }
    values.forEach((name, value) -> set(where + ": ", name, value));
  }

  /// The options with the variables set.
  LoadOptions applyTo(LoadOptions options) {
    LoadOptions with = options;
    for (Map.Entry<String, byte[]> variable : variables.entrySet()) {
      with = with.withGlobal(variable.getKey(), variable.getValue());
    }
    return with;
  }

  /// Fills the maps.
  void fill(LoadedCollection collection) {
    for (Element element : elements) {
      BpfMap map = collection.map(element.map());
      MapSpec shape = map.spec();
      byte[] key =
          bytes(element.where() + ": key", shape.keyType(), shape.keySize(), element.key());
      try {
        map.update(key, row(element, map));
      } catch (MapException e) {
        throw new CommandException("%s: %s".formatted(element.where(), e.getMessage()), e);
      }
    }
  }

  /// A map's value; for each CPU one where it has one for each. CPUs without one have zeros.
  private byte[] row(Element element, BpfMap map) {
    MapSpec shape = map.spec();
    String where = element.where() + ": value";
    if (map.valueBytes() == shape.valueSize() || !isArray(element.value())) {
      return bytes(where, shape.valueType(), shape.valueSize(), element.value());
    }
    List<JsonValue> values = ((JsonValue.Elements) element.value()).values();
    int stride = Math.ceilDiv(shape.valueSize(), CPU_ALIGNMENT) * CPU_ALIGNMENT;
    int cpus = map.valueBytes() / stride;
    if (values.size() > cpus) {
      throw new CommandException("%s: %d CPUs, not %d".formatted(where, cpus, values.size()));
    }
    byte[] row = new byte[map.valueBytes()];
    for (int i = 0; i < values.size(); i++) {
      byte[] one = bytes(where, shape.valueType(), shape.valueSize(), values.get(i));
      System.arraycopy(one, 0, row, i * stride, one.length);
    }
    return row;
  }

  private static boolean isArray(JsonValue value) {
    return value instanceof JsonValue.Elements;
  }

  private byte[] bytes(String where, int type, int size, JsonValue value) {
    try {
      return Arrays.copyOf(reader.bytes(type, size, value), size);
    } catch (BtfValueException e) {
      throw new CommandException("%s: %s".formatted(where, e.getMessage()), e);
    }
  }
}
