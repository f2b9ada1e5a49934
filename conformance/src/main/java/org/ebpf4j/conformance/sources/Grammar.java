package org.ebpf4j.conformance.sources;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Rules of C text from which programs are written. `statements.txt` says what they look like.
final class Grammar {
  private final List<Rule> rules;

  private Grammar(List<Rule> rules) {
    this.rules = List.copyOf(rules);
  }

  /// Where a line of a rule goes.
  enum Part {
    /// Where the rule is used.
    HERE,
    /// Before the statement that it is used in.
    BEFORE,
    /// Behind that statement.
    AFTER,
    /// Before the program.
    FUNCTION,
    /// Nowhere: a name for a text.
    LET
  }

  record Line(Part part, String text) {}

  /// A rule; several of one name are alternatives.
  ///
  /// @param only the hooks whose programs it may be used in, empty for all
  /// @param attributes what else is said of where it may be used
  record Rule(String name, Set<String> only, Set<String> attributes, List<Line> lines) {
    boolean has(String attribute) {
      return attributes.contains(attribute);
    }

    boolean fits(Hook hook) {
      return only.isEmpty() || only.contains(hook.name());
    }
  }

  /// Reads a resource beside this class.
  static Grammar load(String resource) {
    List<Rule> rules = new ArrayList<>();
    List<Line> lines = new ArrayList<>();
    for (String line : read(resource).lines().toList()) {
      if (line.startsWith("  ")) {
        lines.add(line(line.strip()));
      } else if (!line.isBlank() && !line.startsWith("#")) {
        lines = new ArrayList<>();
        rules.add(rule(line.split(" ", -1), lines));
      }
    }
    return new Grammar(rules);
  }

  /// The text of a resource beside this class.
  static String read(String resource) {
    try (InputStream in = Grammar.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException(resource + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Rule rule(String[] words, List<Line> lines) {
    Set<String> only = Set.of();
    Set<String> attributes = new TreeSet<>();
    for (int i = 1; i < words.length; i++) {
      if (words[i].equals("in")) {
        only = new TreeSet<>(Arrays.asList(words[++i].split(",", -1)));
      } else {
        attributes.add(words[i]);
      }
    }
    return new Rule(words[0], only, attributes, lines);
  }

  private static Line line(String line) {
    int space = line.indexOf(' ');
    String rest = line.substring(space + 1);
    return switch (space < 0 ? "" : line.substring(0, space)) {
      case "fn" -> new Line(Part.FUNCTION, rest);
      case "before" -> new Line(Part.BEFORE, rest);
      case "after" -> new Line(Part.AFTER, rest);
      case "let" -> new Line(Part.LET, rest);
      default -> new Line(Part.HERE, line);
    };
  }

  /// The rules of a name that programs of a hook may use.
  List<Rule> rules(String name, Hook hook) {
    return rules.stream().filter(rule -> rule.name().equals(name) && rule.fits(hook)).toList();
  }

  /// The names of all rules, in order.
  List<String> names() {
    return rules.stream().map(Rule::name).distinct().toList();
  }
}
