package org.ebpf4j.cli.output;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfValue;
import org.ebpf4j.btf.BtfValueCodec;
import org.ebpf4j.btf.BtfValueException;
import org.ebpf4j.runtime.IpAddress;

/// Makes keys, values and variables of JSON: the other way round of [MapFormat]. Besides what that
/// prints, numbers may be strings with `0x`, and an address of IPv4 or IPv6 may stand for its
/// bytes.
public final class ValueReader {
  private final Btf btf;
  private final BtfValueCodec codec;

  public ValueReader(Btf btf) {
    this.btf = btf;
    this.codec = new BtfValueCodec(btf);
  }

  /// The bytes of a value.
  ///
  /// @param type BTF id, 0 for bytes without a type: hex digits, or a number if there are 4
  /// @param size how many bytes it has
  /// @throws BtfValueException if the value is not of the type
  public byte[] bytes(int type, int size, JsonValue json) {
    if (type != 0) {
      return codec.encode(type, value(type, json, "value"));
    }
    byte[] bytes =
        switch (json) {
          case JsonValue.Decimal n when size == Integer.BYTES ->
              ByteBuffer.allocate(size)
                  .order(ByteOrder.nativeOrder())
                  .putInt(integer(n.value(), "value").intValue())
                  .array();
          case JsonValue.Text(String text) -> hex(text);
          default -> throw new BtfValueException("value", "has no type: give its bytes in hex");
        };
    if (bytes.length != size) {
      throw new BtfValueException("value", "takes %d bytes, not %d".formatted(size, bytes.length));
    }
    return bytes;
  }

  private static byte[] hex(String text) {
    try {
      return HexFormat.of().parseHex(text.startsWith("0x") ? text.substring(2) : text);
    } catch (IllegalArgumentException e) {
      throw new BtfValueException("value", "'" + text + "' is no hex digits");
    }
  }

  private BtfValue value(int type, JsonValue json, String path) {
    return switch (btf.resolved(type)) {
      case BtfType.Array array -> array(array, json, path);
      case BtfType.Composite composite -> structure(composite, json, path);
      case BtfType.Pointer pointer ->
          new BtfValue.Address(number(json, Long.BYTES, path).longValue());
      case BtfType.FloatType real when json instanceof JsonValue.Decimal(BigDecimal value) ->
          new BtfValue.Real(value.doubleValue());
      case BtfType.Enumeration constant when json instanceof JsonValue.Text(String name) ->
          new BtfValue.Constant(Optional.of(name), 0);
      case BtfType.Int integer
          when json instanceof JsonValue.Text(String text) && letter(integer, text) ->
          new BtfValue.Letter(text.charAt(0));
      case BtfType other -> new BtfValue.Numeric(number(json, size(other), path));
    };
  }

  private static boolean letter(BtfType.Int type, String text) {
    return type.size() == 1 && text.length() == 1 && !Character.isDigit(text.charAt(0));
  }

  private static int size(BtfType type) {
    return type instanceof BtfType.Int number ? number.size() : Long.BYTES;
  }

  private BtfValue array(BtfType.Array array, JsonValue json, String path) {
    return switch (json) {
      case JsonValue.Text(String text) when address(text, array.count()).isPresent() ->
          sequence(address(text, array.count()).get());
      case JsonValue.Text(String text) -> new BtfValue.Text(text);
      case JsonValue.Elements(List<JsonValue> elements) -> {
        List<BtfValue> values = new ArrayList<>();
        for (int i = 0; i < elements.size(); i++) {
          values.add(value(array.element(), elements.get(i), path + "[" + i + "]"));
        }
        yield new BtfValue.Sequence(values);
      }
      default -> throw new BtfValueException(path, "is an array: give its elements in brackets");
    };
  }

  private static BtfValue sequence(byte[] bytes) {
    List<BtfValue> values = new ArrayList<>();
    for (byte b : bytes) {
      values.add(BtfValue.Numeric.of(Byte.toUnsignedInt(b)));
    }
    return new BtfValue.Sequence(values);
  }

  /// An address of this many bytes.
  private static Optional<byte[]> address(String text, int size) {
    if (text.indexOf('.') < 0 && text.indexOf(':') < 0) {
      return Optional.empty();
    }
    try {
      byte[] bytes = IpAddress.of(text).toBytes();
      return bytes.length == size ? Optional.of(bytes) : Optional.empty();
    } catch (IllegalArgumentException notOne) {
      return Optional.empty();
    }
  }

  private BtfValue structure(BtfType.Composite composite, JsonValue json, String path) {
    if (!(json instanceof JsonValue.Members(Map<String, JsonValue> members))) {
      throw new BtfValueException(path, "is a struct: give its fields in braces");
    }
    Map<String, JsonValue> left = new LinkedHashMap<>(members);
    BtfValue.Structure structure = structure(composite, left, path);
    if (!left.isEmpty()) {
      throw new BtfValueException(path + "." + left.keySet().iterator().next(), "no such field");
    }
    return structure;
  }

  /// Takes what belongs to a struct out of the fields; those of structs without a name belong to
  /// the one around.
  private BtfValue.Structure structure(
      BtfType.Composite composite, Map<String, JsonValue> left, String path) {
    List<BtfValue.Field> fields = new ArrayList<>();
    for (BtfType.Member member : composite.members()) {
      if (member.name().isEmpty()
          && btf.resolved(member.type()) instanceof BtfType.Composite inner) {
        fields.add(new BtfValue.Field("", structure(inner, left, path)));
      } else {
        JsonValue given = left.remove(member.name());
        if (given != null) {
          String at = path + "." + member.name();
          fields.add(new BtfValue.Field(member.name(), value(member.type(), given, at)));
        }
      }
    }
    return new BtfValue.Structure(fields);
  }

  private static BigInteger number(JsonValue json, int size, String path) {
    return switch (json) {
      case JsonValue.Decimal(BigDecimal value) -> integer(value, path);
      case JsonValue.Truth(boolean value) -> value ? BigInteger.ONE : BigInteger.ZERO;
      case JsonValue.Text(String text) when address(text, size).isPresent() ->
          // In network byte order, as packets have it.
          BigInteger.valueOf(
              Integer.toUnsignedLong(
                  ByteBuffer.wrap(address(text, size).get())
                      .order(ByteOrder.nativeOrder())
                      .getInt()));
      case JsonValue.Text(String text) -> parsed(text, path);
      default -> throw new BtfValueException(path, "is a number");
    };
  }

  private static BigInteger parsed(String text, String path) {
    try {
      return text.startsWith("0x") ? new BigInteger(text.substring(2), 16) : new BigInteger(text);
    } catch (NumberFormatException e) {
      throw new BtfValueException(path, "'" + text + "' is no number");
    }
  }

  private static BigInteger integer(BigDecimal value, String path) {
    try {
      return value.toBigIntegerExact();
    } catch (ArithmeticException e) {
      throw new BtfValueException(path, value + " is no whole number");
    }
  }
}
