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

/// Makes values of bytes.
final class BtfValueDecoder {
  private static final int PARTS_FOR_EACH_BYTE = 16;

  private final Btf btf;
  private final BtfLayout layout;
  private final byte[] bytes;
  private long partsLeft;

  BtfValueDecoder(Btf btf, BtfLayout layout, byte[] bytes) {
    this.btf = btf;
    this.layout = layout;
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
      case BtfType.VoidType t -> throw BtfValueCodec.unsized(path);
      case BtfType.Forward t -> throw BtfValueCodec.unsized(path);
      case BtfType.Function t -> throw BtfValueCodec.unsized(path);
      case BtfType.Prototype t -> throw BtfValueCodec.unsized(path);
      case BtfType.DeclarationTag t -> throw BtfValueCodec.unsized(path);
      case BtfType.Typedef t -> throw BtfValueCodec.unresolved(t);
      case BtfType.Qualifier t -> throw BtfValueCodec.unresolved(t);
      case BtfType.TypeTag t -> throw BtfValueCodec.unresolved(t);
    };
  }

  private BtfValue decodeInt(BtfType.Int type, int at) {
    if (BtfValueCodec.isCharacter(type)) {
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
    if (BtfValueCodec.isCharacter(btf.resolved(array.element())) && array.count() > 0) {
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

  private int sizeOf(int type, String path) {
    return layout.sizeOf(type).orElseThrow(() -> BtfValueCodec.unsized(path));
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
}
