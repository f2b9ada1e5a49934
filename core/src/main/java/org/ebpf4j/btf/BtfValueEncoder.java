package org.ebpf4j.btf;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Makes bytes of values.
final class BtfValueEncoder {
  private final Btf btf;
  private final BtfLayout layout;
  private final byte[] bytes;

  BtfValueEncoder(Btf btf, BtfLayout layout, byte[] bytes) {
    this.btf = btf;
    this.layout = layout;
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
      case BtfType.VoidType t -> throw BtfValueCodec.unsized(path);
      case BtfType.Forward t -> throw BtfValueCodec.unsized(path);
      case BtfType.Function t -> throw BtfValueCodec.unsized(path);
      case BtfType.Prototype t -> throw BtfValueCodec.unsized(path);
      case BtfType.DeclarationTag t -> throw BtfValueCodec.unsized(path);
      case BtfType.Typedef t -> throw BtfValueCodec.unresolved(t);
      case BtfType.Qualifier t -> throw BtfValueCodec.unresolved(t);
      case BtfType.TypeTag t -> throw BtfValueCodec.unresolved(t);
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
      case BtfValue.Real(double real) when type.size() == Double.BYTES -> wrap(at).putDouble(real);
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
      case BtfValue.Text(String text)
          when BtfValueCodec.isCharacter(btf.resolved(array.element())) -> {
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

  private void encodeBitField(BtfType.Member member, long bitOffset, BtfValue value, String path) {
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

  private int sizeOf(int type, String path) {
    return layout.sizeOf(type).orElseThrow(() -> BtfValueCodec.unsized(path));
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
    return new BtfValueException(path, "takes %s, not %s".formatted(wanted, kind(value)));
  }

  private static String kind(BtfValue value) {
    return switch (value) {
      case BtfValue.Numeric v -> "a number";
      case BtfValue.Real v -> "a floating-point number";
      case BtfValue.Truth v -> "true or false";
      case BtfValue.Letter v -> "a character";
      case BtfValue.Text v -> "text";
      case BtfValue.Address v -> "an address";
      case BtfValue.Constant v -> "a constant of an enumeration";
      case BtfValue.Structure v -> "an object of fields";
      case BtfValue.Sequence v -> "an array";
      case BtfValue.Opaque v -> "plain bytes";
    };
  }
}
