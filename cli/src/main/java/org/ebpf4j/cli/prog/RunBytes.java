package org.ebpf4j.cli.prog;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.ebpf4j.cli.map.MapWords;
import org.ebpf4j.cli.output.CommandException;
import org.jspecify.annotations.Nullable;

/// Data or context of a test run, from and to files; the file `-` is standard input or output.
///
/// @param field what bpftool calls it in JSON
/// @param limit how many of the bytes are wanted at most; all, if it is not said
/// @param bytes what the run gave
record RunBytes(String field, @Nullable String limit, byte[] bytes) {
  private static final String STANDARD = "-";
  private static final int LINE = 16;

  /// What the file holds; nothing without one.
  static byte[] read(@Nullable String file) {
    if (file == null) {
      return new byte[0];
    }
    try {
      return file.equals(STANDARD) ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
    } catch (IOException e) {
      throw CommandException.unread(file, e);
    }
  }

  /// Writes the file, if there is one.
  ///
  /// @return what is to be printed, lines or a field of JSON; "" if the bytes went to a file
  String give(@Nullable String file, boolean json) {
    if (file == null) {
      return "";
    }
    int length =
        limit == null ? bytes.length : Math.min(bytes.length, MapWords.number("size", limit));
    byte[] wanted = Arrays.copyOf(bytes, Math.max(0, length));
    if (file.equals(STANDARD)) {
      return json ? "\"%s\":%s,".formatted(field, numbers(wanted)) : lines(wanted);
    }
    write(file, wanted);
    return "";
  }

  static void write(String file, byte[] bytes) {
    try {
      Files.write(Path.of(file), bytes);
    } catch (IOException e) {
      throw CommandException.unwritten(file, e);
    }
  }

  private static String numbers(byte[] bytes) {
    int[] numbers = new int[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      numbers[i] = Byte.toUnsignedInt(bytes[i]);
    }
    return Arrays.toString(numbers);
  }

  /// Sixteen bytes a line: where they are, in hex two by two, and as text.
  private static String lines(byte[] bytes) {
    StringBuilder out = new StringBuilder();
    for (int at = 0; at < bytes.length; at += LINE) {
      out.append("%07x\t".formatted(at));
      StringBuilder text = new StringBuilder();
      for (int i = at; i < at + LINE; i++) {
        boolean given = i < bytes.length;
        out.append(given ? "%02x".formatted(bytes[i]) : "  ").append(i % 2 == 1 ? " " : "");
        if (given) {
          text.append(i % LINE == LINE / 2 ? " " : "").append(letter(bytes[i]));
        }
      }
      out.append("| ").append(text).append('\n');
    }
    return out.toString();
  }

  private static char letter(byte value) {
    return value >= ' ' && value <= '~' ? (char) value : '.';
  }
}
