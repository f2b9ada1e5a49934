package org.ebpf4j.cli.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.ebpf4j.cli.output.CommandException;

/// A context as the command line gives it: hex after `0x`, else a file's name.
final class ContextBytes {
  private static final String HEX = "0x";

  private ContextBytes() {}

  static byte[] of(String text) {
    if (text.startsWith(HEX)) {
      try {
        return HexFormat.of().parseHex(text, HEX.length(), text.length());
      } catch (IllegalArgumentException e) {
        throw new CommandException("--context " + text + ": two hex digits a byte after 0x", e);
      }
    }
    try {
      return Files.readAllBytes(Path.of(text));
    } catch (IOException e) {
      throw new CommandException(
          "--context %s: cannot be read (hex begins with 0x): %s".formatted(text, e.getMessage()),
          e);
    }
  }
}
