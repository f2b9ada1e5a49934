package org.ebpf4j.verifier.internal.rules;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/// Arguments of tracepoints that may be 0 or an error: the table `tracepoint-arguments.tsv`.
record TracepointArguments(Set<Integer> maybeNull, Set<Integer> maybeError) {
  private static final TracepointArguments PLAIN = new TracepointArguments(Set.of(), Set.of());
  private static final Map<String, TracepointArguments> ROWS = load();

  static TracepointArguments of(String tracepoint) {
    return ROWS.getOrDefault(tracepoint, PLAIN);
  }

  private static Map<String, TracepointArguments> load() {
    Map<String, TracepointArguments> rows = new HashMap<>();
    for (String[] cells : RulesTable.rows("tracepoint-arguments.tsv")) {
      rows.put(cells[0], new TracepointArguments(numbers(cells[1]), numbers(cells[2])));
    }
    return rows;
  }

  private static Set<Integer> numbers(String cell) {
    Set<Integer> numbers = new HashSet<>();
    if (!cell.equals("-")) {
      for (String number : cell.split(",", -1)) {
        numbers.add(Integer.parseInt(number));
      }
    }
    return numbers;
  }
}
