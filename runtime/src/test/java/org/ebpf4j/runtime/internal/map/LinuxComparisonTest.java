package org.ebpf4j.runtime.internal.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.MapException;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.Test;

/// Plays scripts that were recorded on Linux 6.18 (`src/test/linux/record.sh`) and expects the same
/// errno and bytes from every line.
class LinuxComparisonTest {
  private static final HexFormat HEX = HexFormat.of();

  private MapFixture maps = new MapFixture(1L << 30);
  private MapHandle map = maps.create(MapType.ARRAY, 4, 4, 1, 0);

  @Test
  void theSameMapsCanBeMade() throws IOException {
    List<String> different = new ArrayList<>();
    for (String line : lines("linux-map-attributes.txt")) {
      String[] parts = line.split(" -> ");
      String result = create(parts[0].split(" "));
      if (!result.equals(parts[1])) {
        different.add(line + ", here " + result);
      }
    }
    assertThat(different).isEmpty();
  }

  @Test
  void mapsDoTheSame() throws IOException {
    List<String> different = new ArrayList<>();
    String about = "";
    for (String line : lines("linux-map-operations.txt")) {
      String[] parts = line.split(" -> ");
      about = line.startsWith("map ") ? parts[0] : about;
      String result = perform(parts[0].split(" "));
      if (!result.equals(parts[1])) {
        different.add(about + ": " + line + ", here " + result);
      }
    }
    assertThat(different).isEmpty();
  }

  private String create(String[] words) {
    map.close();
    maps.settle();
    try {
      map = new MapHandle(maps.registry.create(spec(words, 1), Btf.empty()));
      return "0";
    } catch (MapException refused) {
      return Integer.toString(refused.errno().number());
    }
  }

  /// `TYPE KEY_SIZE VALUE_SIZE MAX_ENTRIES FLAGS [MAP_EXTRA]`, from a word on.
  private static MapSpec spec(String[] words, int at) {
    MapType type = MapType.of(Integer.parseInt(words[at])).orElseThrow();
    MapSpec spec =
        MapSpec.of(
                "test",
                type,
                Integer.parseUnsignedInt(words[at + 1]),
                Integer.parseUnsignedInt(words[at + 2]),
                Integer.parseUnsignedInt(words[at + 3]))
            .withFlags(Integer.parseUnsignedInt(words[at + 4]))
            .withExtra(words.length > at + 5 ? Long.parseLong(words[at + 5]) : 0);
    return AttributeCheck.isOfMaps(type)
        ? spec.withInner(MapSpec.of("inner", MapType.ARRAY, 4, 8, 1))
        : spec;
  }

  private String perform(String[] words) {
    try {
      return switch (words[0]) {
        case "map" -> create(words);
        case "update" -> {
          map.update(key(words[1]), row(words[2]), Long.parseLong(words[3]));
          yield "0";
        }
        case "lookup" -> value(lookup(words));
        case "take" -> value(map.lookupAndDelete(key(words[1])));
        case "delete" -> map.delete(key(words[1])) ? "0" : "2";
        case "next" ->
            words[1].equals("-") ? shown(map.firstKey()) : shown(map.nextKey(key(words[1])));
        case "freeze" -> {
          map.freeze();
          yield "0";
        }
        case "putmap" -> putMap(words);
        default -> throw new IllegalStateException(words[0]);
      };
    } catch (MapException failed) {
      return Integer.toString(failed.errno().number());
    }
  }

  private Optional<byte[]> lookup(String[] words) {
    byte[] key =
        map.type() == MapType.BLOOM_FILTER
            ? bytes(words[1], map.spec().valueSize())
            : key(words[1]);
    return map.lookup(key, Long.parseLong(words[2]));
  }

  private String putMap(String[] words) {
    try (MapHandle inner = maps.create(spec(words, 2))) {
      map.putMap(key(words[1]), inner);
      return "0";
    }
  }

  private byte[] key(String word) {
    return bytes(word, map.spec().keySize());
  }

  /// The same value for each CPU of a per-CPU map.
  private byte[] row(String word) {
    byte[] value = bytes(word, map.spec().valueSize());
    byte[] row = new byte[map.valueBytes()];
    int stride = (value.length + 7) & ~7;
    for (int at = 0; at < row.length; at += stride) {
      System.arraycopy(value, 0, row, at, value.length);
    }
    return row;
  }

  private static byte[] bytes(String word, int size) {
    byte[] bytes = new byte[Math.max(size, 8)];
    if (word.startsWith("x")) {
      byte[] given = HEX.parseHex(word.substring(1));
      System.arraycopy(given, 0, bytes, 0, given.length);
    } else {
      ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(Long.parseLong(word));
    }
    return Arrays.copyOf(bytes, size);
  }

  private String value(Optional<byte[]> found) {
    if (found.isPresent() && AttributeCheck.isOfMaps(map.type())) {
      return "0";
    }
    return shown(found.map(bytes -> Arrays.copyOf(bytes, map.spec().valueSize())));
  }

  private static String shown(Optional<byte[]> found) {
    return found.map(bytes -> "0 x" + HEX.formatHex(bytes)).orElse("" + Errno.ENOENT.number());
  }

  private static List<String> lines(String resource) throws IOException {
    try (InputStream in = LinuxComparisonTest.class.getResourceAsStream(resource)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
