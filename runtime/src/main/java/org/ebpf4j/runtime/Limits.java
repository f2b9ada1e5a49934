package org.ebpf4j.runtime;

import org.ebpf4j.verifier.VerifierLimits;

/// What programs and maps may take of the JVM. Over a limit, creating fails with Linux's errno.
///
/// @param mapBytes memory of all maps together, in bytes (`ENOMEM`)
/// @param maps how many maps (`EMFILE`)
/// @param programs how many programs (`EMFILE`)
/// @param instructions instructions that the interpreter executes in one run, tail calls and
///   callbacks included (a fault)
/// @param packetBytes the longest packet (`EMSGSIZE`)
/// @param verifier what the verification of one program may take (`E2BIG`, `EOPNOTSUPP`)
public record Limits(
    long mapBytes,
    int maps,
    int programs,
    long instructions,
    int packetBytes,
    VerifierLimits verifier) {

  public Limits {
    if (mapBytes < 0 || maps < 0 || programs < 0 || instructions < 0 || packetBytes < 0) {
      throw new IllegalArgumentException(
          "limits are not negative: %d bytes of maps, %d maps, %d programs, %d instructions, packets of %d bytes"
              .formatted(mapBytes, maps, programs, instructions, packetBytes));
    }
  }

  /// 4 GiB of maps, 10,000 maps and programs, a hundred million instructions, packets of 256 KiB,
  /// and for the verifier what Linux allows.
  public static Limits defaults() {
    return new Limits(4L << 30, 10_000, 10_000, 100_000_000, 256 << 10, VerifierLimits.LINUX);
  }

  public Limits withMapBytes(long bytes) {
    return new Limits(bytes, maps, programs, instructions, packetBytes, verifier);
  }

  public Limits withMaps(int count) {
    return new Limits(mapBytes, count, programs, instructions, packetBytes, verifier);
  }

  public Limits withPrograms(int count) {
    return new Limits(mapBytes, maps, count, instructions, packetBytes, verifier);
  }

  public Limits withInstructions(long count) {
    return new Limits(mapBytes, maps, programs, count, packetBytes, verifier);
  }

  public Limits withPacketBytes(int bytes) {
    return new Limits(mapBytes, maps, programs, instructions, bytes, verifier);
  }

  public Limits withVerifier(VerifierLimits newVerifier) {
    return new Limits(mapBytes, maps, programs, instructions, packetBytes, newVerifier);
  }
}
