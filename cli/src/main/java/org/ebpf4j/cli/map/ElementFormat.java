package org.ebpf4j.cli.map;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfValue;
import org.ebpf4j.btf.BtfValueCodec;
import org.ebpf4j.cli.option.MapBytes;
import org.ebpf4j.linux.LinuxMap;
import org.ebpf4j.spec.MapSpec;

/// Shows elements of a map in Linux as bpftool does: their bytes, and decoded where the map was
/// made with types.
final class ElementFormat {
  /// Longer keys and values stand on lines of their own.
  private static final int SHORT = 16;

  /// Key and value together, to be on one line.
  private static final int ONE_LINE = 24;

  private final MapSpec spec;
  private final Btf types;
  private final int cpus;

  /// @param types those that the map was made with; empty ones if it was made without
  ElementFormat(LinuxMap map, Btf types) {
    this.spec = map.spec();
    this.types = types;
    this.cpus =
        spec.type().filter(MapType::isPerCpu).isPresent()
            ? map.valueBytes() / ((spec.valueSize() + 7) & ~7)
            : 0;
  }

  private boolean holdsMaps() {
    return spec.type()
        .filter(type -> type == MapType.ARRAY_OF_MAPS || type == MapType.HASH_OF_MAPS)
        .isPresent();
  }

  /// Whether elements can be decoded.
  boolean typed() {
    return spec.valueType() != 0;
  }

  /// An element with its bytes, and decoded behind them.
  ///
  /// @param key empty for maps without keys
  String json(byte[] key, byte[] value) {
    List<String> fields = new ArrayList<>();
    fields.add("\"key\":" + MapBytes.json(key));
    if (cpus == 0) {
      fields.add("\"value\":" + MapBytes.json(value));
      if (holdsMaps()) {
        fields.add("\"inner_map_id\":" + number(value));
      }
    } else {
      fields.add("\"values\":" + perCpu(value, MapBytes::json));
    }
    if (typed()) {
      fields.add("\"formatted\":" + decoded(key, value));
    }
    return "{" + String.join(",", fields) + "}";
  }

  /// An element decoded.
  String decoded(byte[] key, byte[] value) {
    List<String> fields = new ArrayList<>();
    if (key.length > 0 && spec.keyType() != 0) {
      fields.add("\"key\":" + decode(spec.keyType(), key));
    }
    fields.add(
        cpus == 0
            ? "\"value\":" + decode(spec.valueType(), value)
            : "\"values\":" + perCpu(value, bytes -> decode(spec.valueType(), bytes)));
    return "{" + String.join(",", fields) + "}";
  }

  private interface Format {
    String of(byte[] value);
  }

  private String perCpu(byte[] row, Format format) {
    List<String> values = new ArrayList<>();
    for (int cpu = 0; cpu < cpus; cpu++) {
      values.add("{\"cpu\":%d,\"value\":%s}".formatted(cpu, format.of(ofCpu(row, cpu))));
    }
    return "[" + String.join(",", values) + "]";
  }

  private byte[] ofCpu(byte[] row, int cpu) {
    int start = cpu * ((spec.valueSize() + 7) & ~7);
    return Arrays.copyOfRange(row, start, start + spec.valueSize());
  }

  /// Variables are listed by the section that they are in.
  private String decode(int type, byte[] bytes) {
    BtfValue value = new BtfValueCodec(types).decode(type, bytes);
    if (types.resolved(type) instanceof BtfType.DataSection section
        && value instanceof BtfValue.Structure(List<BtfValue.Field> fields)) {
      List<String> variables = new ArrayList<>();
      fields.forEach(
          field -> variables.add("{\"%s\":%s}".formatted(field.name(), field.value().toJson())));
      return "{\"%s\":[%s]}".formatted(section.name(), String.join(",", variables));
    }
    return value.toJson();
  }

  /// An element's bytes for people.
  String text(byte[] key, byte[] value) {
    StringBuilder out = new StringBuilder();
    boolean lines = key.length > SHORT || spec.valueSize() > SHORT || cpus > 0;
    if (key.length > 0) {
      boolean oneLine = key.length + value.length <= ONE_LINE && !lines;
      out.append("key:").append(lines ? '\n' : ' ').append(MapBytes.text(key));
      out.append(oneLine ? "  " : "\n");
    }
    if (cpus > 0) {
      for (int cpu = 0; cpu < cpus; cpu++) {
        out.append(cpu == 0 ? "" : "\n")
            .append("value (CPU %02d):".formatted(cpu))
            .append(spec.valueSize() > SHORT ? '\n' : ' ')
            .append(MapBytes.text(ofCpu(value, cpu)));
      }
    } else if (holdsMaps()) {
      out.append("inner_map_id: ").append(number(value));
    } else {
      out.append("value:").append(lines ? '\n' : ' ').append(MapBytes.text(value));
    }
    return out.toString();
  }

  /// A key for people, and why it has no value to show.
  String text(byte[] key, String reason) {
    boolean lines = key.length > SHORT || reason.length() > SHORT;
    boolean oneLine = key.length + reason.length() <= ONE_LINE && !lines;
    return "key:%s%s%svalue:%s%s"
        .formatted(
            lines ? "\n" : " ",
            MapBytes.text(key),
            oneLine ? "  " : "\n",
            lines ? "\n" : " ",
            reason);
  }

  private static String number(byte[] value) {
    return Integer.toUnsignedString(ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getInt());
  }
}
