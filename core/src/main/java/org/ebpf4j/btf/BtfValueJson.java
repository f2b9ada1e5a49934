package org.ebpf4j.btf;

import java.util.ArrayList;
import java.util.List;

/// Writes values as JSON. Enumerators and text are strings, addresses are hexadecimal strings, the
/// fields of anonymous structs belong to the struct around.
final class BtfValueJson {
  private static final String INDENT = "  ";

  private final StringBuilder out = new StringBuilder();
  private final boolean indented;

  private BtfValueJson(boolean indented) {
    this.indented = indented;
  }

  static String write(BtfValue value, boolean indented) {
    BtfValueJson json = new BtfValueJson(indented);
    json.write(value, 0);
    return json.out.toString();
  }

  private void write(BtfValue value, int depth) {
    switch (value) {
      case BtfValue.Numeric n -> out.append(n.value());
      case BtfValue.Real(double real) -> {
        if (Double.isFinite(real)) {
          out.append(real);
        } else {
          string(String.valueOf(real));
        }
      }
      case BtfValue.Truth t -> out.append(t.value());
      case BtfValue.Letter(int code) -> string(String.valueOf((char) code));
      case BtfValue.Text(String text) -> string(text);
      case BtfValue.Address(long address) -> string("0x" + Long.toHexString(address));
      case BtfValue.Constant c ->
          c.name().ifPresentOrElse(this::string, () -> out.append(c.value()));
      case BtfValue.Structure structure -> {
        List<BtfValue.Field> fields = new ArrayList<>();
        flatten(structure, fields);
        open('{');
        for (int i = 0; i < fields.size(); i++) {
          separate(i, depth + 1);
          string(fields.get(i).name());
          out.append(": ");
          write(fields.get(i).value(), depth + 1);
        }
        close('}', fields.isEmpty(), depth);
      }
      case BtfValue.Sequence(List<BtfValue> elements) -> {
        open('[');
        for (int i = 0; i < elements.size(); i++) {
          separate(i, depth + 1);
          write(elements.get(i), depth + 1);
        }
        close(']', elements.isEmpty(), depth);
      }
      case BtfValue.Opaque(List<Byte> bytes) -> {
        StringBuilder hex = new StringBuilder("0x");
        bytes.forEach(b -> hex.append("%02x".formatted(b & 0xff)));
        string(hex.toString());
      }
    }
  }

  private static void flatten(BtfValue.Structure structure, List<BtfValue.Field> into) {
    for (BtfValue.Field field : structure.fields()) {
      if (field.name().isEmpty() && field.value() instanceof BtfValue.Structure inner) {
        flatten(inner, into);
      } else {
        into.add(field);
      }
    }
  }

  private void open(char bracket) {
    out.append(bracket);
  }

  private void separate(int index, int depth) {
    if (index > 0) {
      out.append(indented ? "," : ", ");
    }
    newLine(depth);
  }

  private void close(char bracket, boolean empty, int depth) {
    if (!empty) {
      newLine(depth);
    }
    out.append(bracket);
  }

  private void newLine(int depth) {
    if (indented) {
      out.append('\n').append(INDENT.repeat(depth));
    }
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> {
          if (c < ' ' || (c >= 0x7f && c < 0xa0)) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
