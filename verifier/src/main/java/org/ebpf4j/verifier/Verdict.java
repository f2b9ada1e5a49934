package org.ebpf4j.verifier;

/// What the verifier answers.
public sealed interface Verdict {

  /// Instructions that were walked through, each as often as a path came by.
  long instructionsProcessed();

  /// The program is safe: it ends, it touches only what it may, and it gives back what it takes.
  ///
  /// @param facts what holds in every run
  record Accepted(Facts facts, long instructionsProcessed) implements Verdict {}

  /// The program is not safe, or not shown to be.
  ///
  /// @param diagnosis why
  record Refused(Diagnosis diagnosis, long instructionsProcessed) implements Verdict {}

  /// Nothing is said of the program: it needs something that the verifier was not given, or does
  /// not know.
  ///
  /// @param reason what that is
  record NotJudged(String reason, long instructionsProcessed) implements Verdict {}
}
