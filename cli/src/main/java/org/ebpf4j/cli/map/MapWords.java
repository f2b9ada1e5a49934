package org.ebpf4j.cli.map;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.BpfMap;
import org.ebpf4j.cli.option.MapBytes;
import org.ebpf4j.cli.option.Selector;
import org.ebpf4j.cli.output.CommandException;

/// What follows the selector in `map update id 5 key 1 0 0 0 value hex 0a 00 exist`.
public final class MapWords {
  private static final Map<String, Long> FLAGS =
      Map.of("any", BpfMap.ANY, "noexist", BpfMap.NO_EXIST, "exist", BpfMap.EXIST);
  private static final Set<String> PARTS = Set.of("key", "value");

  private final Map<String, List<String>> parts = new LinkedHashMap<>();
  private long flags = BpfMap.ANY;

  MapWords(List<String> words) {
    Optional<List<String>> part = Optional.empty();
    for (String word : words) {
      Long flag = FLAGS.get(word);
      if (PARTS.contains(word)) {
        List<String> bytes = new ArrayList<>();
        parts.put(word, bytes);
        part = Optional.of(bytes);
      } else if (flag != null) {
        flags = flag;
      } else {
        part.orElseThrow(() ->
                new CommandException(
                    "unexpected word '" + word + "': say key BYTES or value BYTES"))
            .add(word);
      }
    }
  }

  long flags() {
    return flags;
  }

  /// The live object that the value names: `value id 7`, `value pinned P`.
  Optional<Selector> valueObject() {
    List<String> words = parts.getOrDefault("value", List.of());
    if (words.size() != 2) {
      return Optional.empty();
    }
    return switch (words.getFirst()) {
      case "id" -> Optional.of(new Selector.ById(number("id", words.getLast())));
      case "name" -> Optional.of(new Selector.ByName(words.getLast()));
      case "pinned" -> Optional.of(new Selector.ByPin(Path.of(words.getLast())));
      default -> Optional.empty();
    };
  }

  boolean hasKey() {
    return parts.containsKey("key");
  }

  byte[] key(BpfMap map) {
    return bytes("key", map.spec().keySize());
  }

  /// A value; in a per-CPU map, the same one for each CPU.
  byte[] value(BpfMap map) {
    byte[] one = bytes("value", map.spec().valueSize());
    byte[] row = new byte[map.valueBytes()];
    int stride = row.length == one.length ? one.length : (one.length + 7) & ~7;
    for (int offset = 0; offset < row.length; offset += stride) {
      System.arraycopy(one, 0, row, offset, one.length);
    }
    return row;
  }

  private byte[] bytes(String part, int size) {
    List<String> words = parts.get(part);
    if (words == null) {
      if (size == 0) {
        return new byte[0];
      }
      throw new CommandException(
          "which %s? Say: %s BYTES (%d of them)".formatted(part, part, size));
    }
    return MapBytes.parse(part, words, size);
  }

  /// A number in decimal, or behind `0x` in hexadecimal.
  public static int number(String what, String word) {
    try {
      return Integer.decode(word);
    } catch (NumberFormatException e) {
      throw new CommandException("%s '%s' is no number".formatted(what, word), e);
    }
  }
}
