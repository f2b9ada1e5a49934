package org.ebpf4j.cli.generate;

import java.util.Locale;
import java.util.Optional;

/// How a C type is written, read and stored by Java.
sealed interface JavaType {

  /// Bytes that it takes.
  int size();

  /// The type as a Java source names it.
  String name();

  /// The type where only classes will do.
  default String boxed() {
    return name();
  }

  /// An expression that reads it from `source`.
  String read(int offset);

  /// A statement that writes `value` to `target`.
  String write(int offset, String value);

  /// An expression for its codec; empty if there is none, and bytes have to do.
  default Optional<String> codec() {
    return Optional.empty();
  }

  /// A statement that refuses a value that C has no room for; empty if there is no such value.
  default Optional<String> check(String value) {
    return Optional.empty();
  }

  /// A number, as the Java type of its size; unsigned ones too.
  record Scalar(int size, boolean floating) implements JavaType {
    static boolean exists(int size, boolean floating) {
      return floating ? size == 4 || size == 8 : Integer.bitCount(size) == 1 && size <= 8;
    }

    @Override
    public String name() {
      return switch (size) {
        case 1 -> "byte";
        case 2 -> "short";
        case 4 -> floating ? "float" : "int";
        default -> floating ? "double" : "long";
      };
    }

    @Override
    public String boxed() {
      return switch (name()) {
        case "byte" -> "Byte";
        case "short" -> "Short";
        case "int" -> "Integer";
        case "float" -> "Float";
        case "double" -> "Double";
        default -> "Long";
      };
    }

    /// The constant of `ValueLayout`.
    String layout() {
      String constant = "ValueLayout.JAVA_" + name().toUpperCase(Locale.ROOT);
      return size == 1 ? constant : constant + "_UNALIGNED";
    }

    @Override
    public String read(int offset) {
      return "source.get(%s, %d)".formatted(layout(), offset);
    }

    @Override
    public String write(int offset, String value) {
      return "target.set(%s, %d, %s);".formatted(layout(), offset, value);
    }

    @Override
    public Optional<String> codec() {
      return Optional.of((floating ? "Codecs.F" : "Codecs.U") + size * 8);
    }
  }

  /// `_Bool`.
  record Bool() implements JavaType {
    @Override
    public int size() {
      return 1;
    }

    @Override
    public String name() {
      return "boolean";
    }

    @Override
    public String boxed() {
      return "Boolean";
    }

    @Override
    public String read(int offset) {
      return "source.get(ValueLayout.JAVA_BYTE, %d) != 0".formatted(offset);
    }

    @Override
    public String write(int offset, String value) {
      return "target.set(ValueLayout.JAVA_BYTE, %d, (byte) (%s ? 1 : 0));".formatted(offset, value);
    }

    @Override
    public Optional<String> codec() {
      return Optional.of("Codecs.BOOL");
    }
  }

  /// A bit-field, as an `int`, a `long` where it is wider, or a `boolean`.
  ///
  /// @param bit where it begins, from the first bit of its first byte
  /// @param truth whether it is a `_Bool`
  record Bits(int bit, int width, boolean signed, boolean truth) implements JavaType {
    @Override
    public int size() {
      return (bit + width + Byte.SIZE - 1) / Byte.SIZE;
    }

    @Override
    public String name() {
      return truth ? "boolean" : width <= Integer.SIZE ? "int" : "long";
    }

    @Override
    public String read(int offset) {
      String bits =
          "Layout.bits(source, %d, %d, %s)".formatted(offset * Byte.SIZE + bit, width, signed);
      return switch (name()) {
        case "boolean" -> bits + " != 0";
        case "int" -> "(int) " + bits;
        default -> bits;
      };
    }

    @Override
    public String write(int offset, String value) {
      return "Layout.setBits(target, %d, %d, %s);"
          .formatted(offset * Byte.SIZE + bit, width, truth ? value + " ? 1 : 0" : value);
    }

    @Override
    public Optional<String> check(String value) {
      boolean all = truth || width == Integer.SIZE || width == Long.SIZE;
      return all
          ? Optional.empty()
          : Optional.of(
              "Layout.requireBits(\"%1$s\", %1$s, %2$d, %3$s);".formatted(value, width, signed));
    }
  }

  /// An array of numbers, as a Java array.
  record ScalarArray(Scalar element, int count, boolean text) implements JavaType {
    @Override
    public int size() {
      return element.size() * count;
    }

    @Override
    public String name() {
      return element.name() + "[]";
    }

    @Override
    public String read(int offset) {
      return "source.asSlice(%d, %d).toArray(%s)".formatted(offset, size(), element.layout());
    }

    @Override
    public String write(int offset, String value) {
      return "MemorySegment.copy(%s, 0, target, %s, %d, %d);"
          .formatted(value, element.layout(), offset, count);
    }

    @Override
    public Optional<String> codec() {
      return Optional.of("Codecs.%ss(%d)".formatted(element.name(), count));
    }

    @Override
    public Optional<String> check(String value) {
      return Optional.of(
          "Layout.requireLength(\"%1$s\", %1$s.length, %2$d);".formatted(value, count));
    }
  }

  /// An array of `_Bool`, as a Java array.
  record BoolArray(int count) implements JavaType {
    @Override
    public int size() {
      return count;
    }

    @Override
    public String name() {
      return "boolean[]";
    }

    @Override
    public String read(int offset) {
      return "%s.decode(source.asSlice(%d, %d))".formatted(arrayCodec(), offset, count);
    }

    @Override
    public String write(int offset, String value) {
      return "%s.encode(%s, target.asSlice(%d, %d));".formatted(arrayCodec(), value, offset, count);
    }

    private String arrayCodec() {
      return "Codecs.booleans(%d)".formatted(count);
    }

    @Override
    public Optional<String> codec() {
      return Optional.of(arrayCodec());
    }

    @Override
    public Optional<String> check(String value) {
      return Optional.of(
          "Layout.requireLength(\"%1$s\", %1$s.length, %2$d);".formatted(value, count));
    }
  }

  /// What has a record with a codec: a struct, a union, an enumeration.
  record Named(String name, int size) implements JavaType {
    @Override
    public String read(int offset) {
      return "%s.CODEC.decode(source.asSlice(%d, %d))".formatted(name, offset, size);
    }

    @Override
    public String write(int offset, String value) {
      return "%s.CODEC.encode(%s, target.asSlice(%d, %d));".formatted(name, value, offset, size);
    }

    @Override
    public Optional<String> codec() {
      return Optional.of(name + ".CODEC");
    }
  }

  /// An array of what has a record, as a list.
  record NamedList(Named element, int count) implements JavaType {
    @Override
    public int size() {
      return element.size() * count;
    }

    @Override
    public String name() {
      return "List<" + element.name() + ">";
    }

    @Override
    public String read(int offset) {
      return "%s.decode(source.asSlice(%d, %d))".formatted(arrayCodec(), offset, size());
    }

    @Override
    public String write(int offset, String value) {
      return "%s.encode(%s, target.asSlice(%d, %d));"
          .formatted(arrayCodec(), value, offset, size());
    }

    private String arrayCodec() {
      return "Codecs.list(%s.CODEC, %d)".formatted(element.name(), count);
    }

    @Override
    public Optional<String> codec() {
      return Optional.of(arrayCodec());
    }

    @Override
    public Optional<String> check(String value) {
      return Optional.of(
          "Layout.requireLength(\"%1$s\", %1$s.size(), %2$d);".formatted(value, count));
    }
  }
}
