package org.ebpf4j.cli.option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ebpf4j.cli.option.Selector.ByFile;
import org.ebpf4j.cli.option.Selector.ById;
import org.ebpf4j.cli.option.Selector.ByName;
import org.ebpf4j.cli.option.Selector.ByPin;
import org.ebpf4j.cli.option.Selector.ByTag;
import picocli.CommandLine;

/// Which object a command speaks of, in bpftool's words: `file F`, `id N`, `name X`, `tag T`,
/// `pinned P`.
public sealed interface Selector permits ByFile, ByName, ByTag, ById, ByPin {

  /// Everything in an object file.
  record ByFile(Path file) implements Selector {}

  /// The live object of this name.
  record ByName(String name) implements Selector {}

  /// The live programs with this tag, a hash over their instructions.
  record ByTag(String tag) implements Selector {}

  /// The live object with this number.
  record ById(int id) implements Selector {}

  /// The object pinned here.
  record ByPin(Path path) implements Selector {}

  /// A selector, and the words that follow it, two by two: `file F format c`.
  record Parsed(Selector selector, Map<String, String> options) {}

  /// Reads a command's words.
  ///
  /// @param known the options that may follow the selector
  /// @throws CommandLine.ParameterException for anything else
  static Parsed parse(CommandLine command, List<String> words, String... known) {
    Iterator<String> rest = words.iterator();
    if (!rest.hasNext()) {
      throw usage(command, "which one? Say: file F, id N, name X or pinned P");
    }
    String kind = rest.next();
    String value = value(command, kind, rest);
    Selector selector =
        switch (kind) {
          case "file" -> new ByFile(Path.of(value));
          case "name" -> new ByName(value);
          case "tag" -> new ByTag(value);
          case "pinned" -> new ByPin(Path.of(value));
          case "id" -> new ById(number(command, value));
          default ->
              throw usage(command, "unknown selector '" + kind + "': file, id, name or pinned");
        };
    Map<String, String> options = new LinkedHashMap<>();
    List<String> allowed = new ArrayList<>(List.of(known));
    while (rest.hasNext()) {
      String option = rest.next();
      if (!allowed.contains(option)) {
        throw usage(command, "unexpected word '" + option + "'");
      }
      options.put(option, value(command, option, rest));
    }
    return new Parsed(selector, options);
  }

  private static String value(CommandLine command, String word, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw usage(command, "'" + word + "' wants a value after it");
    }
    return rest.next();
  }

  private static int number(CommandLine command, String value) {
    try {
      return Integer.parseInt(value);
    } catch (NumberFormatException e) {
      throw usage(command, "'" + value + "' is no id");
    }
  }

  private static CommandLine.ParameterException usage(CommandLine command, String message) {
    return new CommandLine.ParameterException(command, message);
  }
}
