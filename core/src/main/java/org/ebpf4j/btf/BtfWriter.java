package org.ebpf4j.btf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes types in the stored form of BTF, as kernels take it: a header, the types, the strings.
///
/// Strings can be added for what refers to the BTF from outside, such as the lines of a program.
public final class BtfWriter {
  private final ByteOrder order;
  private final int stringsStart;
  private final Map<String, Integer> offsets = new HashMap<>();
  private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
  private ByteBuffer types = ByteBuffer.allocate(1 << 12);

  /// @param btf what to write; the base of a split one is not written again, and must have been
  ///   read and not made in memory
  public BtfWriter(Btf btf) {
    this.order = btf.order();
    this.stringsStart =
        btf.base()
            .map(base ->
                Math.toIntExact(
                    base.strings()
                        .orElseThrow(
                            () -> new IllegalArgumentException("the base has no stored strings"))
                        .end()))
            .orElse(0);
    if (stringsStart == 0) {
      strings.write(0);
    }
    offsets.put("", 0);
    types.order(order);
    btf.ownTypes().forEach(this::write);
  }

  /// The offset of a string, which is added if it is not there yet.
  public int string(String text) {
    Integer known = offsets.get(text);
    if (known != null) {
      return known;
    }
    int offset = stringsStart + strings.size();
    strings.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    strings.write(0);
    offsets.put(text, offset);
    return offset;
  }

  /// All of it, in the byte order of the BTF.
  public byte[] toBytes() {
    byte[] stringBytes = strings.toByteArray();
    int typeBytes = types.position();
    return ByteBuffer.allocate(BtfFormat.HEADER_BYTES + typeBytes + stringBytes.length)
        .order(order)
        .putShort((short) BtfFormat.MAGIC)
        .put((byte) BtfFormat.VERSION)
        .put((byte) 0)
        .putInt(BtfFormat.HEADER_BYTES)
        .putInt(0)
        .putInt(typeBytes)
        .putInt(typeBytes)
        .putInt(stringBytes.length)
        .put(types.array(), 0, typeBytes)
        .put(stringBytes)
        .array();
  }

  private void write(BtfType type) {
    switch (type) {
      case BtfType.VoidType t -> throw new IllegalArgumentException("void is never stored");
      case BtfType.Int t -> {
        head(t.name(), BtfFormat.KIND_INT, false, 0, t.size());
        put(encoding(t.encoding()) << 24 | t.bitOffset() << 16 | t.bits());
      }
      case BtfType.Pointer t -> head("", BtfFormat.KIND_POINTER, false, 0, t.target());
      case BtfType.Array t -> {
        head("", BtfFormat.KIND_ARRAY, false, 0, 0);
        put(t.element(), t.index(), t.count());
      }
      case BtfType.Composite t -> write(t);
      case BtfType.Enumeration t -> write(t);
      case BtfType.Forward t -> head(t.name(), BtfFormat.KIND_FORWARD, t.union(), 0, 0);
      case BtfType.Typedef t -> head(t.name(), BtfFormat.KIND_TYPEDEF, false, 0, t.target());
      case BtfType.Qualifier t -> head("", kind(t.word()), false, 0, t.target());
      case BtfType.TypeTag t ->
          head(t.name(), BtfFormat.KIND_TYPE_TAG, t.attribute(), 0, t.target());
      case BtfType.Function t ->
          head(t.name(), BtfFormat.KIND_FUNCTION, false, t.linkage().ordinal(), t.prototype());
      case BtfType.Prototype t -> {
        head("", BtfFormat.KIND_PROTOTYPE, false, count(t.parameters()), t.result());
        t.parameters().forEach(p -> put(string(p.name()), p.type()));
      }
      case BtfType.Variable t -> {
        head(t.name(), BtfFormat.KIND_VARIABLE, false, 0, t.type());
        put(t.linkage().ordinal());
      }
      case BtfType.DataSection t -> {
        head(t.name(), BtfFormat.KIND_DATA_SECTION, false, count(t.variables()), t.size());
        t.variables().forEach(v -> put(v.type(), v.offset(), v.size()));
      }
      case BtfType.FloatType t -> head(t.name(), BtfFormat.KIND_FLOAT, false, 0, t.size());
      case BtfType.DeclarationTag t -> {
        head(t.name(), BtfFormat.KIND_DECLARATION_TAG, t.attribute(), 0, t.target());
        put(t.component());
      }
    }
  }

  private void write(BtfType.Composite type) {
    boolean bitFields = type.members().stream().anyMatch(m -> m.bitFieldBits() != 0);
    int kind = type.union() ? BtfFormat.KIND_UNION : BtfFormat.KIND_STRUCT;
    head(type.name(), kind, bitFields, count(type.members()), type.size());
    for (BtfType.Member member : type.members()) {
      if (bitFields && member.bitOffset() >>> 24 != 0) {
        throw new IllegalArgumentException(
            "%s.%s is too far from the start of a type with bit-fields"
                .formatted(type.name(), member.name()));
      }
      put(string(member.name()), member.type(), member.bitFieldBits() << 24 | member.bitOffset());
    }
  }

  private void write(BtfType.Enumeration type) {
    int kind = type.wide() ? BtfFormat.KIND_ENUM64 : BtfFormat.KIND_ENUM;
    head(type.name(), kind, type.signed(), count(type.enumerators()), type.size());
    for (BtfType.Enumerator enumerator : type.enumerators()) {
      put(string(enumerator.name()), (int) enumerator.value());
      if (type.wide()) {
        put((int) (enumerator.value() >>> 32));
      }
    }
  }

  /// A type has 16 bits for the number of its parts.
  private static int count(List<?> parts) {
    if (parts.size() > 0xffff) {
      throw new IllegalArgumentException(
          "a type of %d parts; BTF counts to 65535".formatted(parts.size()));
    }
    return parts.size();
  }

  private static int encoding(BtfType.Int.Encoding encoding) {
    return switch (encoding) {
      case UNSIGNED -> 0;
      case SIGNED -> BtfFormat.INT_SIGNED;
      case CHAR -> BtfFormat.INT_CHAR;
      case BOOL -> BtfFormat.INT_BOOL;
    };
  }

  private static int kind(BtfType.Qualifier.Word word) {
    return switch (word) {
      case CONST -> BtfFormat.KIND_CONST;
      case VOLATILE -> BtfFormat.KIND_VOLATILE;
      case RESTRICT -> BtfFormat.KIND_RESTRICT;
    };
  }

  private void head(String name, int kind, boolean flag, int parts, int sizeOrType) {
    put(string(name), BtfFormat.info(kind, flag, parts), sizeOrType);
  }

  private void put(int... words) {
    if (types.remaining() < words.length * Integer.BYTES) {
      types = ByteBuffer.allocate(types.capacity() * 2).order(order).put(types.flip());
    }
    for (int word : words) {
      types.putInt(word);
    }
  }
}
