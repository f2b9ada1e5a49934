package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.verifier.LinuxTypes;
import org.ebpf4j.verifier.ReplacedProgram;
import org.ebpf4j.verifier.Verdict;
import org.ebpf4j.verifier.Verifier;
import org.ebpf4j.verifier.VerifierOptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Programs that replace functions of another one (`programs/replace`): accepted where they take
/// and return what that function does and are as safe as it is, else refused in Linux's words.
class ReplacementTest {
  private static final Path PROGRAMS = Path.of("programs", "replace");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          balance | choose_heaviest  | accepted
          balance | choose_unchecked | R2 invalid mem access 'mem_or_null'
          balance | choose_beyond    | R2 min value is outside of the allowed memory range
          balance | choose_other     | arg1 choose_other(struct other *) doesn't match choose(struct endpoint *)
          balance | choose_packet    | accepted
          balance | choose_and_grow  | Extension program changes packet data, while original does not
          balance | grow_more        | accepted
          balance | grow_xdp         | arg0 grow_xdp(struct xdp_md *) doesn't match grow(struct __sk_buff *)
          balance | grow_alone       | grow_alone() has 1 args while grow() has 2 args
          balance | grow_wide        | arg1 in grow_wide() has size 8 while grow() has 4
          balance | count_short      | accepted
          balance | count_pointer    | Return type PTR of count_pointer() doesn't match type INT of count()
          balance | count_twice      | accepted
          balance | hidden_shown     | Cannot replace static functions
          balance | nowhere          | Subprog nowhere doesn't exist
          balance | balance_all      | accepted
          balance | anything         | accepted
          admit   | admit_all        | accepted
          admit   | admit_wrongly    | At program exit the register R0 has smin=7 smax=7 should have been in [0, 1]
          watch   | anything         | Cannot extend fentry/fexit
          """,
      quoteCharacter = '"')
  void judgesWhatReplacesAFunctionByThatFunction(String replaced, String program, String expected) {
    CollectionSpec target = CollectionReader.read(PROGRAMS.resolve("balancer.bpf.o"));
    CollectionSpec patch = CollectionReader.read(PROGRAMS.resolve("patch.bpf.o"));
    VerifierOptions options =
        VerifierOptions.DEFAULT
            .withKernelTypes(LinuxTypes.shipped())
            .withReplaced(
                new ReplacedProgram(
                    target.program(replaced).orElseThrow(), target, Optional.of(replaced)));
    Verdict verdict = Verifier.verify(patch.program(program).orElseThrow(), patch, options);
    assertThat(words(verdict)).isEqualTo(expected);
  }

  private static String words(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Accepted accepted -> "accepted";
      case Verdict.Refused refused -> refused.diagnosis().message();
      case Verdict.NotJudged notJudged -> "not judged: " + notJudged.reason();
    };
  }
}
