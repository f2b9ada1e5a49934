package org.ebpf4j.verifier.internal.explain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The table of what to do about refusals.
class RemediesTest {
  /// What [Measures] knows.
  private static final Set<String> WORDS =
      Set.of(
          "value",
          "r0",
          "proven_text",
          "need",
          "limit",
          "target",
          "allowed",
          "highest",
          "lowest",
          "over",
          "producer",
          "producer_at",
          "mover",
          "release",
          "release_at",
          "call",
          "call_at",
          "acquired",
          "acquired_at",
          "acquired_line",
          "releaser",
          "type",
          "call_here",
          "callers",
          "map_type",
          "map_types",
          "access",
          "fields",
          "stacks",
          "register",
          "unlock",
          "detail",
          "when_null",
          "when_unset",
          "when_zero",
          "packet_end",
          "too_far",
          "stack_left",
          "memory_at_call",
          "memory_advice",
          "loaded_at",
          "unchanged_argument_of",
          "keyless",
          "sleepable_section",
          "struct_size",
          "lowest_signed",
          "highest_signed");

  @Test
  void theTableUsesNoWordThatMeasuresDoNotKnow() throws IOException {
    Set<String> used = new TreeSet<>();
    try (InputStream in = Remedies.class.getResourceAsStream("remedies.tsv")) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      for (String line : text.split("\n", -1)) {
        if (!line.startsWith("#")) {
          Matcher words = Pattern.compile("\\{([a-z]\\w*)}").matcher(line);
          while (words.find()) {
            used.add(words.group(1));
          }
        }
      }
    }
    assertThat(used).isNotEmpty().isSubsetOf(WORDS);
  }

  @Test
  void aRowWhoseWordsMeanNothingHereIsPassedOver() {
    String reason = "R3 offset is outside of the packet";
    assertThat(
            Remedies.on(reason, word -> Optional.of("20").filter(n -> !word.equals("too_far")))
                .remedy())
        .contains("compare R3 + 20 with 20");
    assertThat(Remedies.on(reason, word -> Optional.empty()).remedy())
        .contains("compare the pointer plus the size of the access");
  }

  @Test
  void kindsOfValuesAreSaidInPlainWords() {
    assertThat(
            Remedies.on("R2 type=scalar expected=fp, map_value, sock, tcp_sock", Optional::of)
                .remedy())
        .isEqualTo(
            "call_here wants a pointer to the stack, a map's value or a socket in R2, which is value.");
  }

  @Test
  void namesOfFunctionsInAReasonDoNotChooseTheAdvice() {
    assertThat(
            Remedies.on("Caller passes invalid args into func#1 ('use_dynptr')", Optional::of)
                .fault())
        .isEqualTo("GLOBAL_FUNCTION");
  }

  @Test
  void aReasonThatTheTableHasNotIsSaidToBeOther() {
    assertThat(Remedies.on("something new", word -> Optional.empty()))
        .isEqualTo(new Remedies.Advice("OTHER", ""));
  }
}
