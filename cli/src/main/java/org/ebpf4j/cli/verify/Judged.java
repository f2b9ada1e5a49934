package org.ebpf4j.cli.verify;

import java.util.Optional;
import org.ebpf4j.runtime.FaultReplay;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.verifier.Diagnosis;
import org.ebpf4j.verifier.Verdict;
import org.ebpf4j.verifier.VerifierOptions;

/// A program that `ebpf verify` has judged, or an object that it could not read.
///
/// @param object the object's file
/// @param subject the program, none for an object that could not be read
/// @param verdict what the verifier says
/// @param micros how long that took
/// @param witness an input that shows the fault, if one was found
record Judged(
    String object,
    Optional<Subject> subject,
    Verdict verdict,
    long micros,
    Optional<FaultReplay.Witness> witness) {

  /// A program as it was judged.
  ///
  /// @param program relocated
  /// @param collection where it comes from
  /// @param options how it was judged
  record Subject(ProgramSpec program, CollectionSpec collection, VerifierOptions options) {}

  /// An object that cannot be read.
  static Judged unreadable(String object, String reason) {
    return new Judged(
        object, Optional.empty(), new Verdict.NotJudged(reason, 0), 0, Optional.empty());
  }

  boolean isAccepted() {
    return verdict instanceof Verdict.Accepted;
  }

  /// The program's name, "" for an object that could not be read.
  String program() {
    return subject.map(s -> s.program().name()).orElse("");
  }

  /// The object and the program, for people.
  String name() {
    return subject.isPresent() ? object + " " + program() : object;
  }

  /// The verdict in one word.
  String word() {
    return switch (verdict) {
      case Verdict.Accepted _ -> "accept";
      case Verdict.Refused _ -> "reject";
      case Verdict.NotJudged _ -> "error";
    };
  }

  /// Why it is not accepted, "" if it is.
  String message() {
    return switch (verdict) {
      case Verdict.Accepted _ -> "";
      case Verdict.Refused refused -> refused.diagnosis().message();
      case Verdict.NotJudged notJudged -> notJudged.reason();
    };
  }

  Optional<Diagnosis> diagnosis() {
    return verdict instanceof Verdict.Refused refused
        ? Optional.of(refused.diagnosis())
        : Optional.empty();
  }
}
