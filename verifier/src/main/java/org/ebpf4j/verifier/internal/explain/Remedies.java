package org.ebpf4j.verifier.internal.explain;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Sorts refusals by their reason, and says what to do about each sort: the table `remedies.tsv`.
final class Remedies {
  private static final String FILE = "remedies.tsv";
  private static final Pattern WORD = Pattern.compile("\\{(\\w+)(:kinds)?}");
  private static final List<Row> ROWS = load();

  private Remedies() {}

  /// A row of the table.
  ///
  /// @param fault the sort of refusal
  /// @param reason what the reason looks like
  /// @param remedy what to do, with words in braces
  private record Row(String fault, Pattern reason, String remedy) {}

  /// What the table says of a refusal.
  ///
  /// @param fault the sort of refusal, such as `NULL_CHECK`; `OTHER` for what the table has not
  /// @param remedy what to do, "" if the table does not say
  record Advice(String fault, String remedy) {}

  /// Advice on a refusal.
  ///
  /// @param words what the words in braces stand for here, if anything
  static Advice on(String reason, Function<String, Optional<String>> words) {
    for (Row row : ROWS) {
      Matcher matcher = row.reason().matcher(reason);
      if (matcher.matches()) {
        Optional<String> remedy = fill(row.remedy(), matcher, words);
        if (remedy.isPresent()) {
          return new Advice(row.fault(), remedy.get());
        }
      }
    }
    return new Advice("OTHER", "");
  }

  /// Empty if one of the words has no meaning here.
  private static Optional<String> fill(
      String template, Matcher reason, Function<String, Optional<String>> meanings) {
    Matcher words = WORD.matcher(template);
    StringBuilder out = new StringBuilder();
    while (words.find()) {
      String word = words.group(1);
      Optional<String> value =
          Character.isDigit(word.charAt(0))
              ? group(reason, Integer.parseInt(word))
                  .map(text -> words.group(2) == null ? text : KindWords.of(text))
              : meanings.apply(word);
      if (value.isEmpty()) {
        return Optional.empty();
      }
      words.appendReplacement(out, Matcher.quoteReplacement(value.get()));
    }
    return Optional.of(words.appendTail(out).toString().strip());
  }

  private static Optional<String> group(Matcher reason, int number) {
    @Nullable String group = reason.group(number);
    return Optional.ofNullable(group);
  }

  private static List<Row> load() {
    List<Row> rows = new ArrayList<>();
    for (String line : text().split("\n", -1)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] cells = line.split("\t", -1);
        rows.add(new Row(cells[0], Pattern.compile(cells[1]), cells[2]));
      }
    }
    return rows;
  }

  private static String text() {
    try (InputStream stream = Remedies.class.getResourceAsStream(FILE)) {
      if (stream == null) {
        throw new IllegalStateException("table " + FILE + " is missing");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("table " + FILE + " cannot be read", e);
    }
  }
}
