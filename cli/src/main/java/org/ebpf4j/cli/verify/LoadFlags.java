package org.ebpf4j.cli.verify;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.ebpf4j.cli.output.Names;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;
import org.ebpf4j.verifier.VerifierOptions;

/// Load flags by the names that Linux has for them, `BPF_F_` left away: `strict_alignment`.
///
/// Source: the flags of `BPF_PROG_LOAD` in Linux 6.18's `include/uapi/linux/bpf.h`.
enum LoadFlags {
  /// All accesses must be aligned.
  STRICT_ALIGNMENT,
  /// None needs to be; that is so on x86 and ARM anyway.
  ANY_ALIGNMENT,
  /// The kernel fills upper halves with random bits, which changes no verdict.
  TEST_RND_HI32,
  /// States are kept wherever they are compared.
  TEST_STATE_FREQ,
  /// The program may sleep.
  SLEEPABLE,
  /// The program takes packets in several buffers.
  XDP_HAS_FRAGS,
  /// The kernel checks its own bounds, which changes no verdict.
  TEST_REG_INVARIANTS;

  /// The flag of this name, with or without `BPF_F_`, in any case.
  static Optional<LoadFlags> byName(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    String bare = upper.startsWith("BPF_F_") ? upper.substring("BPF_F_".length()) : upper;
    return Arrays.stream(values()).filter(flag -> flag.name().equals(bare)).findFirst();
  }

  /// All names, for people.
  static String names() {
    return Arrays.stream(values()).map(Names::of).collect(Collectors.joining(", "));
  }

  VerifierOptions applyTo(VerifierOptions options) {
    return switch (this) {
      case STRICT_ALIGNMENT -> options.withStrictAlignment(true);
      case ANY_ALIGNMENT -> options.withStrictAlignment(false);
      case TEST_STATE_FREQ -> options.withCheckpointsEverywhere(true);
      case TEST_RND_HI32, SLEEPABLE, XDP_HAS_FRAGS, TEST_REG_INVARIANTS -> options;
    };
  }

  ProgramSpec applyTo(ProgramSpec program) {
    ProgramKind kind = program.kind();
    return switch (this) {
      case SLEEPABLE ->
          program.withKind(
              new ProgramKind(kind.type(), kind.attach(), kind.target(), true, kind.frags()));
      case XDP_HAS_FRAGS ->
          program.withKind(
              new ProgramKind(kind.type(), kind.attach(), kind.target(), kind.sleepable(), true));
      case STRICT_ALIGNMENT, ANY_ALIGNMENT, TEST_STATE_FREQ, TEST_RND_HI32, TEST_REG_INVARIANTS ->
          program;
    };
  }
}
