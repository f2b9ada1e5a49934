package org.ebpf4j.verifier.internal.state;

/// Something that the program must give back before it ends.
///
/// @param kind what it is
/// @param id the id that the pointers to it carry
/// @param slot the instruction that took it
/// @param owner for locks, the map or BTF that holds the lock; else this kind's name
public record Acquired(Kind kind, int id, int slot, Object owner) {
  /// Sorts of things to give back.
  public enum Kind {
    REFERENCE,
    LOCK,
    /// A lock that may fail to be taken.
    RESILIENT_LOCK,
    /// The same, that keeps interrupts away.
    RESILIENT_LOCK_IRQ,
    IRQ;

    public boolean isLock() {
      return this == LOCK || isResilientLock();
    }

    public boolean isResilientLock() {
      return this == RESILIENT_LOCK || this == RESILIENT_LOCK_IRQ;
    }
  }
}
