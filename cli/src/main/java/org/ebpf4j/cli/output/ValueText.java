package org.ebpf4j.cli.output;

import java.math.BigInteger;
import java.util.HexFormat;
import java.util.List;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfValue;

/// Writes values for people: structs as `name=value`, arrays of bytes, such as addresses, as hex
/// digits, enumerators by name, all else as in JSON.
final class ValueText {
  private final Btf btf;
  private final StringBuilder out = new StringBuilder();

  private ValueText(Btf btf) {
    this.btf = btf;
  }

  static String of(Btf btf, int type, BtfValue value) {
    ValueText text = new ValueText(btf);
    if (value instanceof BtfValue.Structure(List<BtfValue.Field> fields)) {
      text.fields(type, fields);
    } else {
      text.write(type, value);
    }
    return text.out.toString();
  }

  private void write(int type, BtfValue value) {
    switch (value) {
      case BtfValue.Structure(List<BtfValue.Field> fields) -> {
        out.append('{');
        fields(type, fields);
        out.append('}');
      }
      case BtfValue.Sequence(List<BtfValue> elements)
          when btf.resolved(type) instanceof BtfType.Array(int element, int index, int count) -> {
        if (isByte(element)) {
          elements.forEach(this::hex);
        } else {
          elements(element, elements);
        }
      }
      case BtfValue.Constant constant ->
          out.append(constant.name().orElseGet(() -> String.valueOf(constant.value())));
      default -> out.append(value.toJson());
    }
  }

  private void elements(int type, List<BtfValue> elements) {
    out.append('[');
    for (int i = 0; i < elements.size(); i++) {
      out.append(i == 0 ? "" : " ");
      write(type, elements.get(i));
    }
    out.append(']');
  }

  /// The fields of a struct, union or section; those of anonymous structs belong to the one around.
  private void fields(int type, List<BtfValue.Field> fields) {
    for (int i = 0; i < fields.size(); i++) {
      BtfValue.Field field = fields.get(i);
      out.append(i == 0 ? "" : " ");
      int fieldType = fieldType(type, i);
      if (field.name().isEmpty()
          && field.value() instanceof BtfValue.Structure(List<BtfValue.Field> inner)) {
        fields(fieldType, inner);
      } else {
        out.append(field.name()).append('=');
        write(fieldType, field.value());
      }
    }
  }

  private int fieldType(int type, int index) {
    return switch (btf.resolved(type)) {
      case BtfType.Composite struct -> struct.members().get(index).type();
      case BtfType.DataSection section ->
          btf.type(section.variables().get(index).type()) instanceof BtfType.Variable variable
              ? variable.type()
              : 0;
      default -> throw new IllegalArgumentException("type " + type + " has no fields");
    };
  }

  private boolean isByte(int type) {
    return btf.resolved(type) instanceof BtfType.Int integer
        && integer.size() == 1
        && integer.encoding() == BtfType.Int.Encoding.UNSIGNED;
  }

  private void hex(BtfValue value) {
    if (value instanceof BtfValue.Numeric(BigInteger number)) {
      HexFormat.of().toHexDigits(out, number.byteValue());
    }
  }
}
