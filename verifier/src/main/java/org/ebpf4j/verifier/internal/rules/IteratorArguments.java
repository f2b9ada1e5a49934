package org.ebpf4j.verifier.internal.rules;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What the arguments of iterators are: the table `iterator-arguments.tsv`.
final class IteratorArguments {
  private static final Map<String, Kind> ROWS = load();

  private IteratorArguments() {}

  /// Sorts of arguments, all of them 0 at the end of the iteration.
  enum Kind {
    OBJECT,
    TRUSTED,
    UNTRUSTED,
    KEY,
    VALUE
  }

  /// An argument of an iterator, unless it is one that is trusted and never 0.
  static Optional<Kind> of(String target, int argument) {
    return Optional.ofNullable(ROWS.get(key(target, argument)));
  }

  private static String key(String target, int argument) {
    return target + " " + argument;
  }

  private static Map<String, Kind> load() {
    Map<String, Kind> rows = new HashMap<>();
    for (String[] cells : RulesTable.rows("iterator-arguments.tsv")) {
      rows.put(key(cells[0], Integer.parseInt(cells[1])), Kind.valueOf(cells[2]));
    }
    return rows;
  }
}
