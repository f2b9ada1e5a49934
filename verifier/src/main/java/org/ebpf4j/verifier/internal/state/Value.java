package org.ebpf4j.verifier.internal.state;

import org.ebpf4j.verifier.internal.domain.Scalar;

/// What is known of the content of a register or stack slot. Immutable, so that states share it.
///
/// A scalar is `number`. A pointer points `offset + number` bytes into its target, `number` being
/// the part that is not constant.
public final class Value {
  /// Flag in the id of a scalar that is `offset` more than the others with that id.
  public static final int PLUS_CONSTANT_64 = 1 << 31;

  /// The same for one that is that in 32 bits: all with that id are below 2^32.
  public static final int PLUS_CONSTANT_32 = 1 << 30;

  /// Either of these flags.
  public static final int PLUS_CONSTANT = PLUS_CONSTANT_64 | PLUS_CONSTANT_32;

  /// Range of a packet pointer that is beyond the packet's end.
  public static final int BEYOND_END = -1;

  /// Range of a packet pointer that is at the packet's end, or beyond.
  public static final int AT_END = -2;

  public static final Value UNINITIALIZED = new Value(Kind.UNINITIALIZED, Scalar.ZERO);
  public static final Value UNKNOWN = new Value(Kind.SCALAR, Scalar.UNKNOWN);
  public static final Value ZERO = new Value(Kind.SCALAR, Scalar.ZERO);

  private final Kind kind;
  private final Scalar number;
  private int flags;
  private int offset;
  private int id;

  /// Negative if the pointer does not hold the reference.
  private int reference;

  private int range;
  private Target target = Target.NONE;

  private Value(Kind kind, Scalar number) {
    this.kind = kind;
    this.number = number;
  }

  private Value(Value from, Kind kind, Scalar number) {
    this.kind = kind;
    this.number = number;
    this.flags = from.flags;
    this.offset = from.offset;
    this.id = from.id;
    this.reference = from.reference;
    this.range = from.range;
    this.target = from.target;
  }

  public static Value scalar(Scalar number) {
    return new Value(Kind.SCALAR, number);
  }

  public static Value constant(long number) {
    return number == 0 ? ZERO : scalar(Scalar.constant(number));
  }

  /// A pointer to the start of its target.
  public static Value pointer(Kind kind, int flags, Target target) {
    Value value = new Value(kind, Scalar.ZERO);
    value.flags = flags;
    value.target = target;
    return value;
  }

  public static Value pointer(Kind kind) {
    return new Value(kind, Scalar.ZERO);
  }

  public Kind kind() {
    return kind;
  }

  public Scalar number() {
    return number;
  }

  public int flags() {
    return flags;
  }

  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /// The constant part of a pointer's offset; for scalars linked by id, how much more than the
  /// others it is.
  public int offset() {
    return offset;
  }

  /// Values with the same id, not 0, are equal numbers, or the same unchecked pointer.
  public int id() {
    return id;
  }

  public int idWithoutConstant() {
    return id & ~PLUS_CONSTANT;
  }

  /// The id of the reference that this pointer holds, or 0.
  public int reference() {
    return Math.max(reference, 0);
  }

  /// The id of the reference that ends this pointer when it is given back, or 0: the one that it
  /// holds, or that a pointer which it was made of held.
  public int lifetime() {
    return Math.abs(reference);
  }

  /// For pointers into a packet, the bytes proven to be there, from the pointer without `offset`.
  public int range() {
    return range;
  }

  public Target target() {
    return target;
  }

  public boolean isInitialized() {
    return kind != Kind.UNINITIALIZED;
  }

  public boolean isScalar() {
    return kind == Kind.SCALAR;
  }

  /// Whether it is a pointer; what is not initialised counts as none.
  public boolean isPointer() {
    return kind != Kind.SCALAR && kind != Kind.UNINITIALIZED;
  }

  /// Whether it is the number 0.
  public boolean isZero() {
    return kind == Kind.SCALAR && number.isZero();
  }

  public boolean maybeNull() {
    return has(Flags.MAYBE_NULL);
  }

  /// Whether it points at memory of unknown size, from which loads may fail; its offset says
  /// nothing.
  public boolean isUntrustedMemory() {
    return kind == Kind.MEMORY && has(Flags.UNTRUSTED);
  }

  public boolean is(Kind expected, int expectedFlags) {
    return kind == expected && flags == expectedFlags;
  }

  /// Whether the offset into the target is one number.
  public boolean isFixed() {
    return number.isConstant();
  }

  /// The type in the kernel's words.
  public String typeName() {
    return Flags.name(kind, flags);
  }

  private Value copy(Scalar newNumber) {
    return new Value(this, kind, newNumber);
  }

  public Value withNumber(Scalar newNumber) {
    return newNumber == number ? this : copy(newNumber);
  }

  public Value withFlags(int newFlags) {
    if (newFlags == flags) {
      return this;
    }
    Value value = copy(number);
    value.flags = newFlags;
    return value;
  }

  public Value withKind(Kind newKind, int newFlags) {
    Value value = new Value(this, newKind, number);
    value.flags = newFlags;
    return value;
  }

  public Value withOffset(int newOffset) {
    if (newOffset == offset) {
      return this;
    }
    Value value = copy(number);
    value.offset = newOffset;
    return value;
  }

  public Value withId(int newId) {
    if (newId == id) {
      return this;
    }
    Value value = copy(number);
    value.id = newId;
    return value;
  }

  public Value withReference(int newReference) {
    if (newReference == reference) {
      return this;
    }
    Value value = copy(number);
    value.reference = newReference;
    return value;
  }

  /// The same pointer, which does not hold the reference but ends with it.
  public Value borrowed() {
    return withReference(-lifetime());
  }

  public Value withRange(int newRange) {
    if (newRange == range) {
      return this;
    }
    Value value = copy(number);
    value.range = newRange;
    return value;
  }

  public Value withTarget(Target newTarget) {
    Value value = copy(number);
    value.target = newTarget;
    return value;
  }

  /// The same scalar without its link to others.
  public Value unlinked() {
    if (id == 0 && offset == 0) {
      return this;
    }
    Value value = copy(number);
    value.id = 0;
    value.offset = 0;
    return value;
  }

  /// Everything but ids: whether the two look the same.
  public boolean sameShape(Value that) {
    return kind == that.kind
        && flags == that.flags
        && offset == that.offset
        && range == that.range
        && target.equals(that.target)
        && number.equals(that.number);
  }

  /// Whether the two are one and the same.
  public boolean isSame(Value that) {
    return this == that || (sameShape(that) && id == that.id && reference == that.reference);
  }

  /// Whether the two point into the same target at the same constant offset.
  public boolean sameTarget(Value that) {
    return kind == that.kind
        && flags == that.flags
        && offset == that.offset
        && target.equals(that.target);
  }

  @Override
  public String toString() {
    return ValueText.of(this);
  }
}
