package org.ebpf4j.verifier.internal.outcome;

import java.io.Serial;

/// The walk ends: the program is refused. Thrown inside the verifier only, and made into a
/// diagnosis at its edge.
public final class Refusal extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final int slot;

  private Refusal(int slot, String reason) {
    super(reason, null, false, false);
    this.slot = slot;
  }

  /// The instruction at `slot` is refused.
  public static Refusal at(int slot, String reason) {
    return new Refusal(slot, reason);
  }

  /// The instruction being looked at is refused.
  public static Refusal here(String reason) {
    return new Refusal(-1, reason);
  }

  /// The instruction at fault, -1 for the one being looked at.
  public int slot() {
    return slot;
  }

  public String reason() {
    return String.valueOf(getMessage());
  }
}
