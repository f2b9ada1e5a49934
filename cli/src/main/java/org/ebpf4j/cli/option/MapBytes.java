package org.ebpf4j.cli.option;

import java.util.HexFormat;
import java.util.List;
import org.ebpf4j.cli.output.CommandException;

/// Keys and values as bpftool takes them and prints them: a byte for each word.
public final class MapBytes {
  private static final HexFormat SPACED = HexFormat.ofDelimiter(" ");

  private MapBytes() {}

  /// Bytes of words such as `10`, `0x0a`, `012` (octal), or, after `hex`, `0a`.
  ///
  /// @param what key or value, for errors
  public static byte[] parse(String what, List<String> words, int size) {
    boolean hex = !words.isEmpty() && words.getFirst().equals("hex");
    List<String> bytes = hex ? words.subList(1, words.size()) : words;
    if (bytes.size() != size) {
      throw new CommandException(
          "the %s is %d bytes, each a word, not %d".formatted(what, size, bytes.size()));
    }
    byte[] parsed = new byte[size];
    for (int i = 0; i < size; i++) {
      parsed[i] = parse(what, bytes.get(i), hex);
    }
    return parsed;
  }

  private static byte parse(String what, String word, boolean hex) {
    try {
      int value = hex && !word.startsWith("0x") ? Integer.parseInt(word, 16) : Integer.decode(word);
      if (value >= 0 && value <= 0xff) {
        return (byte) value;
      }
    } catch (NumberFormatException e) {
      throw new CommandException(
          "'%s' in the %s is no byte (0 to 255, or hex 00 to ff)".formatted(word, what), e);
    }
    throw new CommandException(
        "'%s' in the %s is no byte (0 to 255, or hex 00 to ff)".formatted(word, what));
  }

  /// Two digits a byte, with more room after 8 bytes and a line for each 16.
  public static String text(byte[] bytes) {
    StringBuilder out = new StringBuilder();
    for (int at = 0; at < bytes.length; at += 8) {
      out.append(at == 0 ? "" : at % 16 == 0 ? "\n" : "  ")
          .append(SPACED.formatHex(bytes, at, Math.min(at + 8, bytes.length)));
    }
    return out.toString();
  }

  /// The same on one line, for messages.
  public static String line(byte[] bytes) {
    return SPACED.formatHex(bytes);
  }

  /// An array of strings: `["0x01","0x00"]`.
  public static String json(byte[] bytes) {
    return bytes.length == 0
        ? "[]"
        : "["
            + HexFormat.of().withPrefix("\"0x").withSuffix("\"").withDelimiter(",").formatHex(bytes)
            + "]";
  }
}
