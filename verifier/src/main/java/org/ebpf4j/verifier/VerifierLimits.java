package org.ebpf4j.verifier;

/// What one verification may take of its host.
///
/// @param instructions instructions walked through, each as often as a path comes by; over it, the
///   program is refused as too large
/// @param bytes memory of the states that are kept to compare with, about; over it, the program is
///   not judged
public record VerifierLimits(long instructions, long bytes) {
  /// Linux's million of instructions (`BPF_COMPLEXITY_LIMIT_INSNS` in `include/linux/bpf.h`), and 1
  /// GiB.
  public static final VerifierLimits LINUX = new VerifierLimits(1_000_000, 1L << 30);

  public VerifierLimits {
    if (instructions < 1 || bytes < 1) {
      throw new IllegalArgumentException("the verifier's limits must be above 0");
    }
  }
}
