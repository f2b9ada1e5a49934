package org.ebpf4j.btf;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Decodes bytes by their BTF type, and encodes values back to the same bytes.
///
/// Bytes are in the order of the BTF. Integers called `char`, or marked so, are characters; arrays
/// of them are text where they hold text.
public final class BtfValueCodec {
  private static final int PARTS_FOR_EACH_BYTE = 16;

  private final Btf btf;
  private final BtfLayout layout;

  public BtfValueCodec(Btf btf) {
    this.btf = btf;
    this.layout = new BtfLayout(btf);
  }

  /// The value that bytes hold.
  ///
  /// @param type BTF id
  /// @param bytes at least as many as the type has; more are ignored
  /// @throws BtfValueException if there are too few bytes, or the type has no size
  public BtfValue decode(int type, byte[] bytes) {
    String path = name(type);
    int size = sizeOf(type, path);
    if (bytes.length < size) {
      throw new BtfValueException(path, "takes %d bytes, not %d".formatted(size, bytes.length));
    }
    return new Decoder(bytes).decode(type, 0, path);
  }

  /// The bytes of a value. Fields that are left out are 0.
  ///
  /// @param type BTF id
  /// @throws BtfValueException if the value is not one of the type
  public byte[] encode(int type, BtfValue value) {
    String path = name(type);
    byte[] bytes = new byte[sizeOf(type, path)];
    new Encoder(bytes).encode(type, 0, value, path);
    return bytes;
  }

  private String name(int type) {
    String name = btf.type(type).name();
    if (name.isEmpty()) {
      name = btf.resolved(type).name();
    }
    return name.isEmpty() ? "value" : name;
  }

  private int sizeOf(int type, String path) {
    return layout
        .sizeOf(type)
        .orElseThrow(() -> new BtfValueException(path, "is of a type without size"));
  }

  private static boolean isCharacter(BtfType type) {
    return type instanceof BtfType.Int number
        && number.size() == 1
        && (number.encoding() == BtfType.Int.Encoding.CHAR || number.name().equals("char"));
  }

  private final class Decoder {
    private final byte[] bytes;
    private long partsLeft;

    Decoder(byte[] bytes) {
      this.bytes = bytes;
      this.partsLeft = 65_536 + (long) PARTS_FOR_EACH_BYTE * bytes.length;
    }

    BtfValue decode(int type, int at, String path) {
      if (--partsLeft < 0) {
        throw new BtfValueException(path, "has more parts than its bytes can mean");
      }
      return switch (btf.resolved(type)) {
        case BtfType.Int number -> decodeInt(number, at);
        case BtfType.Pointer t -> new BtfValue.Address(wrap(at).getLong());
        case BtfType.Enumeration t -> constant(t, 8L * at, 8 * t.size());
        case BtfType.FloatType t -> decodeFloat(t, at);
        case BtfType.Array array -> decodeArray(array, at, path);
        case BtfType.Composite composite -> decodeComposite(composite, at, path);
        case BtfType.DataSection section -> {
          List<BtfValue.Field> fields = new ArrayList<>();
          for (BtfType.SectionVariable variable : section.variables()) {
            String name = btf.type(variable.type()).name();
            int size = sizeOf(variable.type(), name);
            if (variable.offset() + (long) size > bytes.length) {
              throw new BtfValueException(name, "is outside of the section");
            }
            fields.add(new BtfValue.Field(name, decode(variable.type(), variable.offset(), name)));
          }
          yield new BtfValue.Structure(fields);
        }
        case BtfType.Variable variable -> decode(variable.type(), at, path);
        case BtfType.VoidType t -> throw unsized(path);
        case BtfType.Forward t -> throw unsized(path);
        case BtfType.Function t -> throw unsized(path);
        case BtfType.Prototype t -> throw unsized(path);
        case BtfType.DeclarationTag t -> throw unsized(path);
        case BtfType.Typedef t -> throw unresolved(t);
        case BtfType.Qualifier t -> throw unresolved(t);
        case BtfType.TypeTag t -> throw unresolved(t);
      };
    }

    private BtfValue decodeInt(BtfType.Int type, int at) {
      if (isCharacter(type)) {
        return new BtfValue.Letter(bytes[at] & 0xff);
      }
      return integer(type, bits(8L * at + type.bitOffset(), type.bits()), type.bits());
    }

    private BtfValue decodeFloat(BtfType.FloatType type, int at) {
      return switch (type.size()) {
        case Float.BYTES -> new BtfValue.Real(wrap(at).getFloat());
        case Double.BYTES -> new BtfValue.Real(wrap(at).getDouble());
        default -> {
          List<Byte> raw = new ArrayList<>();
          for (int i = 0; i < type.size(); i++) {
            raw.add(bytes[at + i]);
          }
          yield new BtfValue.Opaque(raw);
        }
      };
    }

    private BtfValue decodeArray(BtfType.Array array, int at, String path) {
      int size = sizeOf(array.element(), path);
      if (isCharacter(btf.resolved(array.element())) && array.count() > 0) {
        Optional<String> text = text(Arrays.copyOfRange(bytes, at, at + array.count()));
        if (text.isPresent()) {
          return new BtfValue.Text(text.get());
        }
      }
      List<BtfValue> elements = new ArrayList<>();
      // Elements without bytes hold nothing, however many there are.
      int count = size == 0 ? 0 : array.count();
      for (int i = 0; i < count; i++) {
        elements.add(decode(array.element(), at + i * size, path + "[" + i + "]"));
      }
      return new BtfValue.Sequence(elements);
    }

    private BtfValue decodeComposite(BtfType.Composite composite, int at, String path) {
      List<BtfValue.Field> fields = new ArrayList<>();
      for (BtfType.Member member : composite.members()) {
        String memberPath = path + "." + member.name();
        BtfValue value =
            member.bitFieldBits() == 0
                ? decode(member.type(), at + member.bitOffset() / Byte.SIZE, memberPath)
                : decodeBitField(member, 8L * at + member.bitOffset());
        fields.add(new BtfValue.Field(member.name(), value));
      }
      return new BtfValue.Structure(fields);
    }

    private BtfValue decodeBitField(BtfType.Member member, long bitOffset) {
      int bits = member.bitFieldBits();
      return switch (btf.resolved(member.type())) {
        case BtfType.Enumeration type -> constant(type, bitOffset, bits);
        case BtfType.Int type -> integer(type, bits(bitOffset, bits), bits);
        default -> new BtfValue.Numeric(bits(bitOffset, bits));
      };
    }

    private BtfValue integer(BtfType.Int type, BigInteger value, int bits) {
      return switch (type.encoding()) {
        case BOOL -> new BtfValue.Truth(value.signum() != 0);
        case SIGNED -> new BtfValue.Numeric(signed(value, bits));
        case UNSIGNED, CHAR -> new BtfValue.Numeric(value);
      };
    }

    private BtfValue constant(BtfType.Enumeration type, long bitOffset, int bits) {
      BigInteger raw = bits(bitOffset, bits);
      long value = (type.signed() ? signed(raw, bits) : raw).longValue();
      return new BtfValue.Constant(
          type.enumerators().stream()
              .filter(e -> e.value() == value)
              .map(BtfType.Enumerator::name)
              .findFirst(),
          value);
    }

    private BigInteger bits(long bitOffset, int bits) {
      return BitField.read(bytes, bitOffset, bits, btf.order());
    }

    private ByteBuffer wrap(int at) {
      return ByteBuffer.wrap(bytes, at, bytes.length - at).order(btf.order());
    }
  }

  private final class Encoder {
    private final byte[] bytes;

    Encoder(byte[] bytes) {
      this.bytes = bytes;
    }

    void encode(int type, int at, BtfValue value, String path) {
      switch (btf.resolved(type)) {
        case BtfType.Int t -> writeInt(t, 8L * at + t.bitOffset(), t.bits(), value, path);
        case BtfType.Enumeration t ->
            write(8L * at, 8 * t.size(), constant(t, value, path), t.signed(), path);
        case BtfType.Pointer t -> {
          if (!(value instanceof BtfValue.Address(long address))) {
            throw misfit(value, "an address", path);
          }
          wrap(at).putLong(address);
        }
        case BtfType.FloatType t -> encodeFloat(t, at, value, path);
        case BtfType.Array t -> encodeArray(t, at, value, path);
        case BtfType.Composite t -> encodeComposite(t, at, value, path);
        case BtfType.DataSection t -> encodeSection(t, value, path);
        case BtfType.Variable t -> encode(t.type(), at, value, path);
        case BtfType.VoidType t -> throw unsized(path);
        case BtfType.Forward t -> throw unsized(path);
        case BtfType.Function t -> throw unsized(path);
        case BtfType.Prototype t -> throw unsized(path);
        case BtfType.DeclarationTag t -> throw unsized(path);
        case BtfType.Typedef t -> throw unresolved(t);
        case BtfType.Qualifier t -> throw unresolved(t);
        case BtfType.TypeTag t -> throw unresolved(t);
      }
    }

    private void writeInt(BtfType.Int type, long bitOffset, int bits, BtfValue value, String path) {
      BigInteger number =
          switch (value) {
            case BtfValue.Numeric n -> n.value();
            case BtfValue.Truth t -> t.value() ? BigInteger.ONE : BigInteger.ZERO;
            case BtfValue.Letter c -> BigInteger.valueOf(c.code());
            default -> throw misfit(value, "a number", path);
          };
      // A char is shown as 0 to 255, whatever its sign in C.
      boolean signed =
          type.encoding() == BtfType.Int.Encoding.SIGNED && !(value instanceof BtfValue.Letter);
      write(bitOffset, bits, number, signed, path);
    }

    private void encodeFloat(BtfType.FloatType type, int at, BtfValue value, String path) {
      switch (value) {
        case BtfValue.Real(double real) when type.size() == Float.BYTES ->
            wrap(at).putFloat((float) real);
        case BtfValue.Real(double real) when type.size() == Double.BYTES ->
            wrap(at).putDouble(real);
        case BtfValue.Opaque(List<Byte> raw) when raw.size() == type.size() -> {
          for (int i = 0; i < raw.size(); i++) {
            bytes[at + i] = raw.get(i);
          }
        }
        default -> throw misfit(value, "a number of %d bytes".formatted(type.size()), path);
      }
    }

    private void encodeArray(BtfType.Array array, int at, BtfValue value, String path) {
      switch (value) {
        case BtfValue.Text(String text) when isCharacter(btf.resolved(array.element())) -> {
          byte[] raw = text.getBytes(StandardCharsets.UTF_8);
          requireCount(raw.length, array.count(), "characters", path);
          System.arraycopy(raw, 0, bytes, at, raw.length);
        }
        case BtfValue.Sequence(List<BtfValue> elements) -> {
          requireCount(elements.size(), array.count(), "elements", path);
          int size = sizeOf(array.element(), path);
          for (int i = 0; i < elements.size(); i++) {
            encode(array.element(), at + i * size, elements.get(i), path + "[" + i + "]");
          }
        }
        default -> throw misfit(value, "an array of %d elements".formatted(array.count()), path);
      }
    }

    private void encodeComposite(BtfType.Composite composite, int at, BtfValue value, String path) {
      if (!(value instanceof BtfValue.Structure structure)) {
        throw misfit(value, "a struct or union", path);
      }
      boolean[] used = new boolean[composite.members().size()];
      for (BtfValue.Field field : structure.fields()) {
        String fieldPath = path + "." + field.name();
        int index = member(composite, field.name(), used);
        if (index < 0) {
          throw new BtfValueException(fieldPath, "no such field");
        }
        used[index] = true;
        BtfType.Member member = composite.members().get(index);
        if (member.bitFieldBits() == 0) {
          encode(member.type(), at + member.bitOffset() / Byte.SIZE, field.value(), fieldPath);
        } else {
          encodeBitField(member, 8L * at + member.bitOffset(), field.value(), fieldPath);
        }
      }
    }

    /// Anonymous fields are matched in their order, as their names are all "".
    private static int member(BtfType.Composite composite, String name, boolean[] used) {
      for (int i = 0; i < used.length; i++) {
        if (!used[i] && composite.members().get(i).name().equals(name)) {
          return i;
        }
      }
      return -1;
    }

    private void encodeBitField(
        BtfType.Member member, long bitOffset, BtfValue value, String path) {
      int bits = member.bitFieldBits();
      switch (btf.resolved(member.type())) {
        case BtfType.Enumeration type ->
            write(bitOffset, bits, constant(type, value, path), type.signed(), path);
        case BtfType.Int type -> writeInt(type, bitOffset, bits, value, path);
        default -> throw misfit(value, "a bit-field", path);
      }
    }

    private void encodeSection(BtfType.DataSection section, BtfValue value, String path) {
      if (!(value instanceof BtfValue.Structure structure)) {
        throw misfit(value, "a structure of variables", path);
      }
      for (BtfValue.Field field : structure.fields()) {
        BtfType.SectionVariable variable =
            section.variables().stream()
                .filter(v -> btf.type(v.type()).name().equals(field.name()))
                .findFirst()
                .orElseThrow(
                    () -> new BtfValueException(path + "." + field.name(), "no such variable"));
        if (variable.offset() + (long) sizeOf(variable.type(), field.name()) > bytes.length) {
          throw new BtfValueException(field.name(), "is outside of the section");
        }
        encode(variable.type(), variable.offset(), field.value(), field.name());
      }
    }

    private BigInteger constant(BtfType.Enumeration type, BtfValue value, String path) {
      return switch (value) {
        case BtfValue.Numeric n -> n.value();
        case BtfValue.Constant c when c.name().isEmpty() -> number(type, c.value());
        case BtfValue.Constant c ->
            type.enumerators().stream()
                .filter(e -> e.name().equals(c.name().get()))
                .findFirst()
                .map(e -> number(type, e.value()))
                .orElseThrow(() -> new BtfValueException(path, "no enumerator " + c.name().get()));
        default -> throw misfit(value, "an enumerator", path);
      };
    }

    private static BigInteger number(BtfType.Enumeration type, long value) {
      return type.signed() ? BigInteger.valueOf(value) : unsigned(value);
    }

    private void write(long bitOffset, int bits, BigInteger value, boolean signed, String path) {
      boolean fits =
          signed ? value.bitLength() < bits : value.signum() >= 0 && value.bitLength() <= bits;
      if (!fits) {
        throw new BtfValueException(
            path,
            "%s does not fit %s %d bits".formatted(value, signed ? "signed" : "unsigned", bits));
      }
      BitField.write(bytes, bitOffset, bits, btf.order(), value);
    }

    private ByteBuffer wrap(int at) {
      return ByteBuffer.wrap(bytes, at, bytes.length - at).order(btf.order());
    }
  }

  /// Text up to the first zero, if only zeros follow and it is UTF-8 without control characters.
  private static Optional<String> text(byte[] raw) {
    int end = 0;
    while (end < raw.length && raw[end] != 0) {
      end++;
    }
    for (int i = end; i < raw.length; i++) {
      if (raw[i] != 0) {
        return Optional.empty();
      }
    }
    try {
      CharBuffer decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(raw, 0, end));
      return Optional.of(decoded.toString())
          .filter(text -> text.chars().noneMatch(c -> c < ' ' && c != '\t' && c != '\n'));
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  private static BigInteger signed(BigInteger value, int bits) {
    return value.testBit(bits - 1) ? value.subtract(BigInteger.ONE.shiftLeft(bits)) : value;
  }

  private static BigInteger unsigned(long value) {
    BigInteger number = BigInteger.valueOf(value);
    return number.signum() < 0 ? number.add(BigInteger.ONE.shiftLeft(Long.SIZE)) : number;
  }

  private static void requireCount(int count, int limit, String what, String path) {
    if (count > limit) {
      throw new BtfValueException(
          path, "%d %s, there is room for %d".formatted(count, what, limit));
    }
  }

  private static BtfValueException misfit(BtfValue value, String wanted, String path) {
    return new BtfValueException(
        path, "takes %s, not a %s".formatted(wanted, value.getClass().getSimpleName()));
  }

  private static BtfValueException unsized(String path) {
    return new BtfValueException(path, "is of a type without size");
  }

  private static IllegalStateException unresolved(BtfType type) {
    return new IllegalStateException(type + " stands for another type and was not resolved");
  }
}
