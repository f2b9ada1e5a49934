package org.ebpf4j.btf;

/// Decodes bytes by their BTF type, and encodes values back to the same bytes.
///
/// Bytes are in the order of the BTF. Integers called `char`, or marked so, are characters; arrays
/// of them are text where they hold text.
public final class BtfValueCodec {
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
    return new BtfValueDecoder(btf, layout, bytes).decode(type, 0, path);
  }

  /// The bytes of a value. Fields that are left out are 0.
  ///
  /// @param type BTF id
  /// @throws BtfValueException if the value is not one of the type
  public byte[] encode(int type, BtfValue value) {
    String path = name(type);
    byte[] bytes = new byte[sizeOf(type, path)];
    new BtfValueEncoder(btf, layout, bytes).encode(type, 0, value, path);
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
    return layout.sizeOf(type).orElseThrow(() -> unsized(path));
  }

  static boolean isCharacter(BtfType type) {
    return type instanceof BtfType.Int number
        && number.size() == 1
        && (number.encoding() == BtfType.Int.Encoding.CHAR || number.name().equals("char"));
  }

  static BtfValueException unsized(String path) {
    return new BtfValueException(path, "is of a type without size");
  }

  static IllegalStateException unresolved(BtfType type) {
    return new IllegalStateException(type + " stands for another type and was not resolved");
  }
}
