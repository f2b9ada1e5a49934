package org.ebpf4j.isa;

/// The registers of the machine. `R0` takes results, `R1` to `R5` carry arguments, `R6` to `R9` are
/// kept across calls, `R10` is the read-only frame pointer (RFC 9669, section 2).
public enum Register {
  R0,
  R1,
  R2,
  R3,
  R4,
  R5,
  R6,
  R7,
  R8,
  R9,
  R10;

  private static final Register[] ALL = values();

  /// The register with this number, 0 to 10.
  public static Register of(int number) {
    return ALL[number];
  }

  /// The number in the encoding.
  public int number() {
    return ordinal();
  }
}
