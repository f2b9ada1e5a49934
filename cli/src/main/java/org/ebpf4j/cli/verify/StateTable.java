package org.ebpf4j.cli.verify;

import java.util.LinkedHashMap;
import java.util.Map;

/// The parts of all states on a page, each once: neighbouring states have most in common, and
/// written out they would be nearly the whole page. `html/verify.js` puts them together again.
final class StateTable {
  private static final int RADIX = 36;

  private final Map<String, Integer> parts = new LinkedHashMap<>();

  /// A state such as `R1=ctx() R10=fp0` as the numbers of its parts.
  String encode(String state) {
    StringBuilder out = new StringBuilder();
    int start = 0;
    int depth = 0;
    for (int i = 0; i <= state.length(); i++) {
      char c = i == state.length() ? ' ' : state.charAt(i);
      depth += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (i == state.length() || (c == ' ' && depth == 0)) {
        if (i > start) {
          int number = parts.computeIfAbsent(state.substring(start, i), part -> parts.size());
          out.append(out.isEmpty() ? "" : " ").append(Integer.toString(number, RADIX));
        }
        start = i + 1;
      }
    }
    return out.toString();
  }

  /// All parts by number, as an array in JavaScript that may stand in a page.
  String toScript() {
    StringBuilder out = new StringBuilder("[");
    for (String part : parts.keySet()) {
      out.append(out.length() == 1 ? "\"" : ",\n\"");
      for (int i = 0; i < part.length(); i++) {
        char c = part.charAt(i);
        if (c == '"' || c == '\\' || c == '<' || c < ' ' || c > '~') {
          out.append("\\u%04x".formatted((int) c));
        } else {
          out.append(c);
        }
      }
      out.append('"');
    }
    return out.append("]").toString();
  }
}
