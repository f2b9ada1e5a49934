package org.ebpf4j.conformance.verdicts;

/// What a verifier says of a program.
///
/// @param verdict `accept`, `reject`, or anything else for no verdict
/// @param message why, for refusals; what is missing, where there is no verdict
/// @param errno the error number's name, for refusals; "" where none is known
/// @param processed instructions that it walked through
/// @param micros how long it took, 0 where nobody knows
public record Judgement(String verdict, String message, String errno, long processed, long micros) {
  public static final String ACCEPT = "accept";
  public static final String REJECT = "reject";

  /// Whether it is one of the two verdicts.
  public boolean isVerdict() {
    return verdict.equals(ACCEPT) || verdict.equals(REJECT);
  }
}
