package org.ebpf4j.verifier;

import java.util.Optional;
import org.ebpf4j.btf.Btf;

/// What the verifier is to assume of the host, and how strict it is to be.
///
/// @param kernelTypes the kernel's BTF, for programs that use kernel types
/// @param strictAlignment whether all accesses must be aligned (`BPF_F_STRICT_ALIGNMENT`)
/// @param checkpointsEverywhere whether to keep a state wherever states are compared, which tests
///   the comparison (`BPF_F_TEST_STATE_FREQ`)
/// @param cpus how many CPUs the host has: the processor's number is below this
public record VerifierOptions(
    Optional<Btf> kernelTypes, boolean strictAlignment, boolean checkpointsEverywhere, int cpus) {
  /// No kernel types, accesses of any alignment, and as many CPUs as Linux may have.
  public static final VerifierOptions DEFAULT =
      new VerifierOptions(Optional.empty(), false, false, 8192);

  public VerifierOptions {
    if (cpus < 1) {
      throw new IllegalArgumentException("a host has one CPU or more, not " + cpus);
    }
  }

  public VerifierOptions withKernelTypes(Btf btf) {
    return new VerifierOptions(Optional.of(btf), strictAlignment, checkpointsEverywhere, cpus);
  }

  public VerifierOptions withStrictAlignment(boolean strict) {
    return new VerifierOptions(kernelTypes, strict, checkpointsEverywhere, cpus);
  }

  public VerifierOptions withCheckpointsEverywhere(boolean everywhere) {
    return new VerifierOptions(kernelTypes, strictAlignment, everywhere, cpus);
  }

  public VerifierOptions withCpus(int newCpus) {
    return new VerifierOptions(kernelTypes, strictAlignment, checkpointsEverywhere, newCpus);
  }
}
