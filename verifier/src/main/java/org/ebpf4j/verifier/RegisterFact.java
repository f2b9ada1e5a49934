package org.ebpf4j.verifier;

/// What a register holds before an instruction, in every run that comes there.
public sealed interface RegisterFact {

  /// Nothing is known: any number or pointer. Also for registers that nothing reads any more.
  record Unknown() implements RegisterFact {}

  /// A set of 64-bit numbers, by several descriptions; a number is in the set if all of them hold
  /// it. It may be any of a pointer's numbers too, where a program takes one for a number.
  ///
  /// @param signedMin the least, signed
  /// @param signedMax the greatest, signed
  /// @param unsignedMin the least, unsigned
  /// @param unsignedMax the greatest, unsigned
  /// @param signedMin32 the least lower half, signed
  /// @param signedMax32 the greatest lower half, signed
  /// @param unsignedMin32 the least lower half, unsigned
  /// @param unsignedMax32 the greatest lower half, unsigned
  /// @param value the bits that are known; those that are not are 0 here
  /// @param unknownBits the bits that are not known
  record Scalar(
      long signedMin,
      long signedMax,
      long unsignedMin,
      long unsignedMax,
      int signedMin32,
      int signedMax32,
      int unsignedMin32,
      int unsignedMax32,
      long value,
      long unknownBits)
      implements RegisterFact {

    /// Whether it is one number, then [#value].
    public boolean isConstant() {
      return unknownBits == 0;
    }

    /// Whether it can be `number`.
    public boolean contains(long number) {
      int low = (int) number;
      return ((number ^ value) & ~unknownBits) == 0
          && signedMin <= number
          && number <= signedMax
          && Long.compareUnsigned(unsignedMin, number) <= 0
          && Long.compareUnsigned(number, unsignedMax) <= 0
          && signedMin32 <= low
          && low <= signedMax32
          && Integer.compareUnsigned(unsignedMin32, low) <= 0
          && Integer.compareUnsigned(low, unsignedMax32) <= 0;
    }
  }

  /// A pointer.
  ///
  /// @param kind what sort of thing it points at
  /// @param maybeNull whether it may be 0 instead
  /// @param minOffset the least distance in bytes from the start of its target, signed
  /// @param maxOffset the greatest
  /// @param stride a power of two, [#WIDEST_STRIDE] at most; distances are the least one and some
  ///   multiple of it
  /// @param target which thing it points into
  record Pointer(
      PointerKind kind,
      boolean maybeNull,
      long minOffset,
      long maxOffset,
      int stride,
      PointerTarget target)
      implements RegisterFact {

    /// The stride of pointers that point at one byte, and more than any access asks for.
    public static final int WIDEST_STRIDE = Long.BYTES;

    /// A pointer at one byte.
    public Pointer(PointerKind kind, boolean maybeNull, long offset, PointerTarget target) {
      this(kind, maybeNull, offset, offset, WIDEST_STRIDE, target);
    }

    /// Whether the distance from the start of the target is one number, then [#minOffset].
    public boolean isFixed() {
      return minOffset == maxOffset;
    }

    /// Whether what lies some bytes behind is at a multiple of a size, counted from the start of
    /// the target.
    ///
    /// @param bytes the size, a power of two, [#WIDEST_STRIDE] at most
    public boolean isAligned(long offset, int bytes) {
      return stride % bytes == 0 && (minOffset + offset) % bytes == 0;
    }
  }
}
