package org.ebpf4j.spec;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.spec.MapSpec.KconfigVariable;

/// Turns the text of a kernel's configuration into the contents of the map `.kconfig`, in the types
/// that the object declares.
///
/// `y`, `n` and `m` go into `bool`, `char` and `enum libbpf_tristate` (0 no, 1 yes, 2 module),
/// numbers into integers that can hold them, strings in double quotes into arrays of `char`, cut if
/// need be. What is not set is 0 where it is weak (`libbpf`'s documentation of `__kconfig`).
public final class KconfigEncoder {
  private static final String TRISTATE = "libbpf_tristate";

  private final Btf btf;
  private final Function<String, Optional<String>> values;
  private final String whyMissing;

  /// @param btf the object's types
  /// @param values the text of an option by name, empty if it is not set
  /// @param whyMissing what to say of an option that is not set and not weak
  public KconfigEncoder(Btf btf, Function<String, Optional<String>> values, String whyMissing) {
    this.btf = btf;
    this.values = values;
    this.whyMissing = whyMissing;
  }

  /// The collection with its map `.kconfig` filled in, as hosts do. If a value that is not weak is
  /// missing, or does not fit, the map stays as it is.
  ///
  /// @param values the text of an option by name, empty if it is not set
  public static CollectionSpec fill(
      CollectionSpec collection, Function<String, Optional<String>> values) {
    CollectionSpec filled = collection;
    KconfigEncoder encoder = new KconfigEncoder(collection.btf(), values, "it is not known");
    for (MapSpec map : collection.maps().values()) {
      if (map.contents() instanceof MapSpec.Contents.Kconfig(List<KconfigVariable> variables)) {
        try {
          byte[] bytes = encoder.encode(variables, map.valueSize());
          filled = filled.withMap(map.withContents(new MapSpec.Contents.Data(bytes, true)));
        } catch (KconfigException e) {
          // Whoever runs the programs must know it, and says what is missing.
        }
      }
    }
    return filled;
  }

  /// The map's value.
  ///
  /// @param size its bytes
  /// @throws KconfigException for an option that is not set and not weak, or does not fit its type
  public byte[] encode(List<KconfigVariable> variables, int size) {
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    for (KconfigVariable variable : variables) {
      Optional<String> value = values.apply(variable.name());
      if (value.isPresent()) {
        put(bytes.slice(variable.offset(), variable.size()), variable, value.get());
      } else if (!variable.weak()) {
        throw new KconfigException(variable.name(), whyMissing, true);
      }
    }
    return bytes.array();
  }

  private void put(ByteBuffer slice, KconfigVariable variable, String value) {
    ByteBuffer at = slice.order(ByteOrder.nativeOrder());
    if (value.startsWith("\"")) {
      putString(at, variable, value);
      return;
    }
    switch (value) {
      case "y", "n", "m" -> putChoice(at, variable, value.charAt(0));
      default -> putNumber(at, variable, value);
    }
  }

  private void putString(ByteBuffer at, KconfigVariable variable, String quoted) {
    boolean chars =
        btf.resolved(variable.type()) instanceof BtfType.Array array
            && btf.resolved(array.element()) instanceof BtfType.Int element
            && element.size() == 1;
    if (!chars || quoted.length() < 2 || !quoted.endsWith("\"")) {
      throw failure(variable, "its value %s needs an array of char".formatted(quoted));
    }
    byte[] text = quoted.substring(1, quoted.length() - 1).getBytes(StandardCharsets.UTF_8);
    at.put(text, 0, Math.min(text.length, at.remaining() - 1));
  }

  private void putChoice(ByteBuffer at, KconfigVariable variable, char choice) {
    BtfType type = btf.resolved(variable.type());
    if (type instanceof BtfType.Enumeration enumeration
        && enumeration.name().equals(TRISTATE)
        && at.remaining() == Integer.BYTES) {
      at.putInt(choice == 'y' ? 1 : choice == 'm' ? 2 : 0);
    } else if (type instanceof BtfType.Int number && number.size() == 1) {
      boolean bool = number.encoding() == BtfType.Int.Encoding.BOOL;
      if (bool && choice == 'm') {
        throw failure(variable, "it is a module (m), which bool cannot say");
      }
      at.put((byte) (bool ? (choice == 'y' ? 1 : 0) : choice));
    } else {
      throw failure(
          variable, "its value %c needs bool, char or enum libbpf_tristate".formatted(choice));
    }
  }

  private void putNumber(ByteBuffer at, KconfigVariable variable, String text) {
    if (!(btf.resolved(variable.type()) instanceof BtfType.Int type)) {
      throw failure(variable, "its value %s needs an integer".formatted(text));
    }
    long value;
    try {
      value =
          text.startsWith("0x")
              ? Long.parseUnsignedLong(text.substring(2), 16)
              : text.startsWith("-") ? Long.parseLong(text) : Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw failure(variable, "its value %s is no number of 64 bits".formatted(text));
    }
    int bits = type.size() * 8;
    boolean signed = type.encoding() == BtfType.Int.Encoding.SIGNED;
    boolean fits =
        bits >= Long.SIZE
            || (signed
                ? value >> (bits - 1) == 0 || value >> (bits - 1) == -1
                : value >>> bits == 0);
    if (!fits) {
      throw failure(variable, "its value %s does not fit %d bits".formatted(text, bits));
    }
    switch (type.size()) {
      case 1 -> at.put((byte) value);
      case 2 -> at.putShort((short) value);
      case 4 -> at.putInt((int) value);
      case 8 -> at.putLong(value);
      default -> throw failure(variable, "an integer of %d bytes".formatted(type.size()));
    }
  }

  private static KconfigException failure(KconfigVariable variable, String reason) {
    return new KconfigException(variable.name(), reason, false);
  }
}
