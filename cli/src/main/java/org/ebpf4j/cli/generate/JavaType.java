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
      return floating ? Optional.empty() : Optional.of("Codecs.U" + size * 8);
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
      return element.size() == 1
          ? Optional.of("Codecs.bytes(%d)".formatted(count))
          : Optional.empty();
    }
  }

  /// A struct that has a record.
  record Struct(String name, int size) implements JavaType {
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

  /// An array of structs, as a list.
  record StructList(Struct element, int count) implements JavaType {
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
      return "readAll(%s.CODEC, source.asSlice(%d, %d))".formatted(element.name(), offset, size());
    }

    @Override
    public String write(int offset, String value) {
      return "writeAll(%s.CODEC, %s, target.asSlice(%d, %d));"
          .formatted(element.name(), value, offset, size());
    }
  }
}
