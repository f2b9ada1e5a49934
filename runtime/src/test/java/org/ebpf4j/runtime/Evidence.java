package org.ebpf4j.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Which tests speak of a thing: those of the runtime and of what runs on it whose source, or whose
/// recording of Linux, has a pattern, and examples whose C source has one. Every example is
/// compared with Linux packet by packet.
final class Evidence {
  private static final int MOST = 2;
  private static final String EXAMPLES_TEST =
      "cli/src/test/java/org/ebpf4j/cli/LinuxVerdictsTest.java";

  private static final List<String> MODULES =
      List.of("runtime/src/test", "cli/src/test", "conformance/src/test");

  private static final Pattern LINK = Pattern.compile("\\]\\(\\.\\./([^)]*)\\)");

  private final Path root;
  private final Map<Path, String> tests = new TreeMap<>();
  private final Map<Path, String> examples;

  /// @param root the project's own folder
  Evidence(Path root) {
    this.root = root;
    for (String module : MODULES) {
      tests.putAll(read(module, ".java"));
    }
    tests.keySet().removeIf(path -> path.endsWith("CompatibilityTest.java"));
    for (String module : MODULES) {
      addData(read(module, ".txt"), "");
      addData(read(module, ".bpf.c"), ".bpf.o");
    }
    examples = read("examples", ".bpf.c");
  }

  /// A test has the text of the data that it names, and that of the sources of its objects.
  private void addData(Map<Path, String> data, String compiled) {
    data.forEach((file, text) -> {
      String name = file.getFileName().toString();
      String named = compiled.isEmpty() ? name : name.replace(".bpf.c", compiled);
      tests.replaceAll((test, java) -> java.contains(named) ? java + "\n" + text : java);
    });
  }

  /// The tests cited in each row of a document, by the row's first cell.
  static Map<String, String> cited(String document) {
    Map<String, String> cells = new TreeMap<>();
    for (String line : document.lines().toList()) {
      String[] row = line.split("\\|", -1);
      if (row.length == 5) {
        cells.put(row[1].strip(), row[3].strip());
      }
    }
    return cells;
  }

  /// Whether what a document cites is there, and speaks of it or runs the examples. Nothing found
  /// is right too, until someone looks again.
  boolean holds(String citation, Pattern pattern) {
    Matcher link = LINK.matcher(citation);
    boolean any = false;
    while (link.find()) {
      String text = tests.get(Path.of(link.group(1)));
      if (text == null || !(link.group(1).equals(EXAMPLES_TEST) || pattern.matcher(text).find())) {
        return false;
      }
      any = true;
    }
    return any || citation.equals("none");
  }

  private Map<Path, String> read(String folder, String suffix) {
    Map<Path, String> texts = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root.resolve(folder))) {
      for (Path file : files.filter(path -> path.toString().endsWith(suffix)).toList()) {
        texts.put(root.relativize(file), Files.readString(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return texts;
  }

  /// Links to the first few tests, as Markdown; "none" if there are none.
  String of(Pattern pattern) {
    List<String> links = new ArrayList<>();
    tests.forEach((path, text) -> {
      if (links.size() < MOST && pattern.matcher(text).find()) {
        links.add(link(path));
      }
    });
    List<String> users = new ArrayList<>();
    examples.forEach((path, text) -> {
      if (users.size() < MOST && pattern.matcher(text).find()) {
        users.add(path.getParent().getFileName().toString());
      }
    });
    if (!users.isEmpty()) {
      links.add(link(Path.of(EXAMPLES_TEST)) + " (" + String.join(", ", users) + ")");
    }
    return links.isEmpty() ? "none" : String.join(", ", links);
  }

  private static String link(Path path) {
    String name = path.getFileName().toString().replace(".java", "");
    return "[%s](../%s)".formatted(name, path.toString().replace('\\', '/'));
  }
}
