package org.ebpf4j.conformance.sources;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ebpf4j.testkit.Chance;

/// Writes the text of one program by the rules of a grammar.
final class TextWriter {
  private static final int DEEPEST = 3;

  private final Grammar grammar;
  private final Chance chance;
  private final Hook hook;
  private final int wrongPerMille;
  private final String program;
  private final List<String> functions = new ArrayList<>();
  private final StringBuilder before = new StringBuilder();
  private final List<String> after = new ArrayList<>();
  private int names;

  /// @param wrongPerMille how many decisions in a thousand are mistakes
  /// @param program its name, which all names in it end with
  TextWriter(Grammar grammar, Chance chance, Hook hook, int wrongPerMille, String program) {
    this.grammar = grammar;
    this.chance = chance;
    this.hook = hook;
    this.wrongPerMille = wrongPerMille;
    this.program = program;
  }

  /// In what a text stands.
  private enum Place {
    PROGRAM,
    /// A function that has the program's context.
    FUNCTION,
    CALLBACK
  }

  /// One use of a rule: its own names, and what it was given.
  private final class Use {
    final Place place;
    final int depth;
    final List<String> given;
    final Map<String, String> texts = new HashMap<>();
    final Map<String, String> known = new HashMap<>();

    Use(Place place, int depth, List<String> given) {
      this.place = place;
      this.depth = depth;
      this.given = given;
    }

    String name(String name) {
      if (Character.isDigit(name.charAt(0))) {
        return given.get(Integer.parseInt(name) - 1);
      }
      String text = known.get(name);
      if (text == null) {
        String let = texts.get(name);
        text = let == null ? newName(name) : expand(let, this);
        known.put(name, text);
      }
      return text;
    }
  }

  /// The functions that go before the program.
  List<String> functions() {
    return functions;
  }

  /// What goes before the statement that arguments were written for.
  String before() {
    return before.toString();
  }

  /// What goes behind it, what was begun last ended first.
  String after() {
    return String.join(" ", after.reversed());
  }

  boolean wrong() {
    return chance.perMille(wrongPerMille);
  }

  /// A name that nothing else has.
  String newName(String name) {
    return "%s%d_%s".formatted(name, ++names, program);
  }

  /// Statements of a program.
  String statements(int count) {
    return statements(count, Place.PROGRAM, 0);
  }

  /// The text of a rule.
  ///
  /// @return null if programs of this hook have none of that name
  @org.jspecify.annotations.Nullable
  String write(String name, String... given) {
    List<Grammar.Rule> rules = grammar.rules(name, hook);
    return rules.isEmpty()
        ? null
        : expand(chance.pick(rules), new Use(Place.PROGRAM, 0, List.of(given)));
  }

  private String statements(int count, Place place, int depth) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < count; i++) {
      text.append(statement(place, depth)).append('\n');
    }
    return text.toString();
  }

  private String statement(Place place, int depth) {
    while (true) {
      String name = chance.pick(grammar.names());
      List<Grammar.Rule> rules =
          grammar.rules(name, hook).stream().filter(rule -> fits(rule, place, depth)).toList();
      if (!rules.isEmpty()) {
        return expand(chance.pick(rules), new Use(place, depth, List.of()));
      }
    }
  }

  private boolean fits(Grammar.Rule rule, Place place, int depth) {
    return !rule.has("part")
        && !(rule.has("outside") && place == Place.CALLBACK)
        && !(rule.has("untraced") && hook.traces() && !wrong())
        && !(rule.has("rare") && chance.percent(60))
        && !(rule.has("holds") && (depth > DEEPEST || (depth >= 2 && chance.percent(80))));
  }

  private String expand(Grammar.Rule rule, Use use) {
    List<String> here = new ArrayList<>();
    StringBuilder function = new StringBuilder();
    for (Grammar.Line line : rule.lines()) {
      if (line.part() == Grammar.Part.LET) {
        int space = line.text().indexOf(' ');
        use.texts.put(line.text().substring(0, space), line.text().substring(space + 1));
      }
    }
    for (Grammar.Line line : rule.lines()) {
      switch (line.part()) {
        case LET -> {}
        case HERE -> here.add(expand(line.text(), use));
        case BEFORE -> before.append(expand(line.text(), use)).append(' ');
        case AFTER -> after.add(expand(line.text(), use));
        case FUNCTION -> function.append(expand(line.text(), use)).append('\n');
      }
    }
    if (!function.isEmpty()) {
      functions.add(function.toString());
    }
    return String.join(" ", here);
  }

  private String expand(String text, Use use) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < text.length()) {
      if (text.startsWith("{|", at)) {
        int end = closing(text, at);
        out.append(expand(choice(alternatives(text.substring(at + 2, end))), use));
        at = end + 2;
      } else if (text.charAt(at) == '$') {
        int end = at + 1;
        while (end < text.length() && Character.isLetterOrDigit(text.charAt(end))) {
          end++;
        }
        out.append(use.name(text.substring(at + 1, end)));
        at = end;
      } else if (text.charAt(at) == '@') {
        int end = text.indexOf('@', at + 1);
        out.append(marked(text.substring(at + 1, end), use));
        at = end + 1;
      } else {
        out.append(text.charAt(at++));
      }
    }
    return out.toString();
  }

  private String marked(String mark, Use use) {
    return switch (mark) {
      case "body" -> statements(chance.between(1, 2), use.place, use.depth + 1);
      case "callback" -> statements(chance.between(1, 2), Place.CALLBACK, use.depth + 2);
      case "function" -> statements(chance.between(1, 2), Place.FUNCTION, use.depth + 2);
      case "leave" -> use.place == Place.PROGRAM ? "goto out" : "return 0";
      case "context" -> hook.context;
      case "type" -> hook.name();
      default -> {
        int open = mark.indexOf('(');
        String name = open < 0 ? mark : mark.substring(0, open);
        List<String> given =
            open < 0
                ? List.of()
                : List.of(expand(mark.substring(open + 1, mark.length() - 1), use).split(",", -1));
        yield expand(
            chance.pick(grammar.rules(name, hook)), new Use(use.place, use.depth + 1, given));
      }
    };
  }

  private String choice(List<String> alternatives) {
    String first = alternatives.getFirst();
    if (!first.startsWith("!")) {
      return chance.pick(alternatives);
    }
    return wrong() ? chance.pick(alternatives.subList(1, alternatives.size())) : first.substring(1);
  }

  private static int closing(String text, int open) {
    int depth = 0;
    for (int i = open; i < text.length() - 1; i++) {
      if (text.startsWith("{|", i)) {
        depth++;
      } else if (text.startsWith("|}", i) && --depth == 0) {
        return i;
      }
    }
    throw new IllegalStateException("{| without |}: " + text);
  }

  private static List<String> alternatives(String text) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      if (text.startsWith("{|", i)) {
        depth++;
      } else if (text.startsWith("|}", i)) {
        depth--;
      } else if (text.charAt(i) == '~' && depth == 0) {
        parts.add(text.substring(start, i));
        start = i + 1;
      }
    }
    parts.add(text.substring(start));
    return parts;
  }
}
