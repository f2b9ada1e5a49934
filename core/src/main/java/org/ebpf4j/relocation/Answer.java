package org.ebpf4j.relocation;

import java.nio.ByteOrder;
import java.util.Optional;
import java.util.OptionalInt;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.spec.CoreRelocation;

/// What one BTF says about an access: the number that belongs into the instruction.
///
/// @param value the number
/// @param fieldSize bytes that a load or store of the field moves, 0 where that cannot be adjusted
/// @param fieldType BTF id of the field's type, 0 where `fieldSize` is
/// @param certain whether the compiler must have come to the same number, for the object's own
///   types
record Answer(long value, int fieldSize, int fieldType, boolean certain) {

  private static Answer of(long value) {
    return new Answer(value, 0, 0, true);
  }

  private static Answer uncertain(long value) {
    return new Answer(value, 0, 0, false);
  }

  /// What is known without a match: that something does not exist, or empty where the question then
  /// makes no sense.
  static Optional<Answer> missing(CoreRelocation.Kind kind) {
    return switch (kind) {
      case FIELD_EXISTS, TYPE_EXISTS, TYPE_SIZE, TYPE_MATCHES, TYPE_ID_TARGET, ENUM_VALUE_EXISTS ->
          Optional.of(of(0));
      case FIELD_BYTE_OFFSET,
          FIELD_BYTE_SIZE,
          FIELD_SIGNED,
          FIELD_LEFT_SHIFT,
          FIELD_RIGHT_SHIFT,
          TYPE_ID_LOCAL,
          ENUM_VALUE ->
          Optional.empty();
    };
  }

  /// The answer to a question about an access, or empty if the access is of a kind that cannot be
  /// asked this.
  static Optional<Answer> to(CoreRelocation.Kind kind, Access access) {
    Btf btf = access.btf();
    return switch (kind) {
      case FIELD_EXISTS, TYPE_EXISTS, TYPE_MATCHES, ENUM_VALUE_EXISTS -> Optional.of(of(1));
      case TYPE_ID_LOCAL, TYPE_ID_TARGET -> Optional.of(uncertain(access.root()));
      case TYPE_SIZE -> {
        OptionalInt size = new BtfLayout(btf).sizeOf(access.root());
        yield size.isPresent() ? Optional.of(of(size.getAsInt())) : Optional.empty();
      }
      case ENUM_VALUE -> {
        Access.Step step = access.last();
        BtfType.Enumeration type = (BtfType.Enumeration) btf.type(step.type());
        long value = type.enumerators().get(step.index()).value();
        // Older compilers do not tell which enumerations are signed; libbpf takes them all so.
        yield Optional.of(of(type.wide() ? value : (int) value));
      }
      case FIELD_BYTE_OFFSET, FIELD_BYTE_SIZE, FIELD_SIGNED, FIELD_LEFT_SHIFT, FIELD_RIGHT_SHIFT ->
          access.last().element() ? toElement(kind, access) : toMember(kind, access);
    };
  }

  private static Optional<Answer> toElement(CoreRelocation.Kind kind, Access access) {
    int type = access.last().type();
    OptionalInt size = new BtfLayout(access.btf()).sizeOf(type);
    if (size.isEmpty()) {
      return Optional.empty();
    }
    return switch (kind) {
      case FIELD_BYTE_OFFSET ->
          Optional.of(new Answer(access.bitOffset() / 8, size.getAsInt(), type, true));
      case FIELD_BYTE_SIZE -> Optional.of(of(size.getAsInt()));
      default -> Optional.empty();
    };
  }

  private static Optional<Answer> toMember(CoreRelocation.Kind kind, Access access) {
    Btf btf = access.btf();
    BtfType.Member member =
        ((BtfType.Composite) btf.type(access.last().type())).members().get(access.last().index());
    int type = btf.resolve(member.type());
    OptionalInt size = new BtfLayout(btf).sizeOf(type);
    if (size.isEmpty()) {
      return Optional.empty();
    }
    boolean bitField = member.bitFieldBits() > 0;
    long bits = bitField ? member.bitFieldBits() : 8L * size.getAsInt();
    OptionalInt window = bitField ? window(access.bitOffset(), bits, size.getAsInt()) : size;
    if (window.isEmpty()) {
      return Optional.empty();
    }
    long bytes = window.getAsInt();
    long byteOffset = bitField ? access.bitOffset() / 8 / bytes * bytes : access.bitOffset() / 8;
    long bitsBefore = access.bitOffset() - byteOffset * 8;
    // Where a bit-field is loaded from is for the compiler to choose.
    return Optional.of(
        switch (kind) {
          case FIELD_BYTE_OFFSET ->
              bitField
                  ? uncertain(byteOffset)
                  : new Answer(byteOffset, size.getAsInt(), type, true);
          case FIELD_BYTE_SIZE -> bitField ? uncertain(bytes) : of(bytes);
          case FIELD_SIGNED -> of(isSigned(btf.type(type)) ? 1 : 0);
          case FIELD_LEFT_SHIFT -> {
            long shift =
                btf.order() == ByteOrder.LITTLE_ENDIAN
                    ? 64 - bitsBefore - bits
                    : (8 - bytes) * 8 + bitsBefore;
            yield bitField ? uncertain(shift) : of(shift);
          }
          case FIELD_RIGHT_SHIFT -> of(64 - bits);
          default -> throw new IllegalStateException(kind + " does not ask about a member");
        });
  }

  /// Bytes of the smallest aligned load, from the field's own type on, that covers a bit-field.
  private static OptionalInt window(long bitOffset, long bits, int size) {
    for (int bytes = size; bytes <= 8; bytes *= 2) {
      long start = bitOffset / 8 / bytes * bytes * 8;
      if (bitOffset + bits <= start + 8L * bytes) {
        return OptionalInt.of(bytes);
      }
    }
    return OptionalInt.empty();
  }

  private static boolean isSigned(BtfType type) {
    return switch (type) {
      case BtfType.Enumeration t -> t.signed();
      case BtfType.Int t -> t.encoding() == BtfType.Int.Encoding.SIGNED;
      default -> false;
    };
  }
}
