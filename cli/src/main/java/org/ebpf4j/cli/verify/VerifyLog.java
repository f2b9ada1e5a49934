package org.ebpf4j.cli.verify;

import org.ebpf4j.cli.output.Console;
import org.ebpf4j.verifier.Verdict;
import org.ebpf4j.verifier.Verifier;

/// The whole log of each program, in the form of the kernel's, and the verdict as a last line.
final class VerifyLog implements VerifyReport {
  private final Console console;

  VerifyLog(Console console) {
    this.console = console;
  }

  @Override
  public void add(Judged judged) {
    judged
        .subject()
        .ifPresent(subject ->
            Verifier.log(
                subject.program(), subject.collection(), subject.options(), console::line));
    String verdict =
        switch (judged.verdict()) {
          case Verdict.Accepted _ -> "accepted";
          case Verdict.Refused refused -> "refused: " + refused.diagnosis().message();
          case Verdict.NotJudged notJudged -> "not judged: " + notJudged.reason();
        };
    console.line(judged.name() + ": " + verdict);
  }

  @Override
  public void end() {}
}
