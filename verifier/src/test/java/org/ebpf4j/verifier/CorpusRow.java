package org.ebpf4j.verifier;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A line of a file of verdicts: a flat JSON object, one for each program.
record CorpusRow(Map<String, String> fields) {

  /// Reads strings, numbers and `null`; lists are kept as they are written.
  static CorpusRow parse(String line) {
    Map<String, String> fields = new LinkedHashMap<>();
    int[] at = {line.indexOf('{') + 1};
    while (true) {
      skip(line, at);
      if (at[0] >= line.length() || line.charAt(at[0]) == '}') {
        return new CorpusRow(fields);
      }
      String key = string(line, at);
      skip(line, at);
      char c = line.charAt(at[0]);
      if (c == '"') {
        fields.put(key, string(line, at));
      } else if (c == '[') {
        fields.put(key, list(line, at));
      } else {
        int start = at[0];
        while (",}".indexOf(line.charAt(at[0])) < 0) {
          at[0]++;
        }
        String word = line.substring(start, at[0]).trim();
        if (!word.equals("null")) {
          fields.put(key, word);
        }
      }
    }
  }

  Optional<String> get(String key) {
    return Optional.ofNullable(fields.get(key));
  }

  String text(String key) {
    return fields.getOrDefault(key, "");
  }

  int number(String key) {
    return Integer.parseInt(fields.getOrDefault(key, "0"));
  }

  private static void skip(String line, int[] at) {
    while (at[0] < line.length() && " ,:\t".indexOf(line.charAt(at[0])) >= 0) {
      at[0]++;
    }
  }

  private static String list(String line, int[] at) {
    int start = at[0]++;
    while (line.charAt(at[0]) != ']') {
      if (line.charAt(at[0]) == '"') {
        string(line, at);
      } else {
        at[0]++;
      }
    }
    at[0]++;
    return line.substring(start, at[0]);
  }

  private static String string(String line, int[] at) {
    StringBuilder text = new StringBuilder();
    at[0]++;
    while (line.charAt(at[0]) != '"') {
      char c = line.charAt(at[0]++);
      if (c == '\\') {
        c = line.charAt(at[0]++);
        switch (c) {
          case 'n' -> text.append('\n');
          case 't' -> text.append('\t');
          case 'u' -> {
            text.append((char) Integer.parseInt(line.substring(at[0], at[0] + 4), 16));
            at[0] += 4;
          }
          default -> text.append(c);
        }
      } else {
        text.append(c);
      }
    }
    at[0]++;
    return text.toString();
  }
}
