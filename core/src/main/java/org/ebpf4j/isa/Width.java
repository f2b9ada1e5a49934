package org.ebpf4j.isa;

/// Whether an operation works on whole registers or on their lower halves. A 32-bit operation
/// clears the upper half of its result (RFC 9669, section 4.1).
public enum Width {
  W32(32),
  W64(64);

  private final int bits;

  Width(int bits) {
    this.bits = bits;
  }

  public int bits() {
    return bits;
  }
}
