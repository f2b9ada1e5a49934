package org.ebpf4j.conformance.verdicts;

/// One program before both verifiers.
public record Comparison(
    String object,
    String section,
    String program,
    int instructions,
    Judgement kernel,
    Judgement ours) {

  /// Whether the verdicts are the same.
  public boolean agrees() {
    return kernel.verdict().equals(ours.verdict());
  }

  /// Whether both refuse it for the same reason, in the same words.
  public boolean sameMessage() {
    return kernel.message().equals(ours.message());
  }

  /// Whether both give the same error number, if both give one.
  public boolean sameErrno() {
    return kernel.errno().isEmpty()
        || ours.errno().isEmpty()
        || kernel.errno().equals(ours.errno());
  }

  /// Whether it is long enough for its figures to count: both accept it, and the kernel walks
  /// through more than 1,000 instructions.
  public boolean isLong() {
    return agrees() && kernel.verdict().equals(Judgement.ACCEPT) && kernel.processed() > 1000;
  }
}
