package org.ebpf4j.isa;

/// Atomic read-modify-write operations, with the immediate that encodes them (RFC 9669, section
/// 5.3). Those with `FETCH` return the value from before; `CMPXCHG` compares with, and returns in,
/// `R0`.
public enum AtomicOperation {
  ADD(0x00),
  OR(0x40),
  AND(0x50),
  XOR(0xa0),
  FETCH_ADD(0x01),
  FETCH_OR(0x41),
  FETCH_AND(0x51),
  FETCH_XOR(0xa1),
  XCHG(0xe1),
  CMPXCHG(0xf1);

  private final int immediate;

  AtomicOperation(int immediate) {
    this.immediate = immediate;
  }

  /// The immediate field that names the operation.
  public int immediate() {
    return immediate;
  }

  /// Whether the source register (or `R0`, for `CMPXCHG`) receives the old value.
  public boolean fetches() {
    return (immediate & 1) != 0;
  }
}
