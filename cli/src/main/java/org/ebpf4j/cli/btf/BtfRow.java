package org.ebpf4j.cli.btf;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;

/// A type as bpftool's raw format has it: a kind, a name, fields and members.
///
/// @param name empty for `(anon)`
/// @param list what JSON calls the members, "" for kinds without
record BtfRow(int id, String kind, String name, List<Field> fields, String list, List<Item> items) {

  /// @param value a number or a string
  /// @param text the value in the text format
  record Field(String key, Object value, String text) {
    static Field of(String key, Object value) {
      return new Field(key, value, String.valueOf(value));
    }
  }

  /// A member, enumerator, parameter or variable of a section.
  ///
  /// @param named whether it has a place for a name, which may be empty
  /// @param note what the text format adds
  record Item(boolean named, String name, List<Field> fields, String note) {}

  private static BtfRow of(int id, String kind, String name, Field... fields) {
    return new BtfRow(id, kind, name, List.of(fields), "", List.of());
  }

  private static BtfRow target(int id, String kind, String name, int target) {
    return of(id, kind, name, Field.of("type_id", target));
  }

  static BtfRow of(Btf btf, int id) {
    return switch (btf.type(id)) {
      case BtfType.VoidType() -> of(id, "UNKN", "void");
      case BtfType.Int(
              String name,
              int size,
              BtfType.Int.Encoding encoding,
              int offset,
              int bits) ->
          of(
              id,
              "INT",
              name,
              Field.of("size", size),
              Field.of("bits_offset", offset),
              Field.of("nr_bits", bits),
              Field.of(
                  "encoding",
                  encoding == BtfType.Int.Encoding.UNSIGNED ? "(none)" : encoding.name()));
      case BtfType.Pointer(int target) -> target(id, "PTR", "", target);
      case BtfType.Array(int element, int index, int count) ->
          of(
              id,
              "ARRAY",
              "",
              Field.of("type_id", element),
              Field.of("index_type_id", index),
              Field.of("nr_elems", Integer.toUnsignedLong(count)));
      case BtfType.Composite composite -> composite(id, composite);
      case BtfType.Enumeration enumeration -> enumeration(id, enumeration);
      case BtfType.Forward(String name, boolean union) ->
          of(id, "FWD", name, Field.of("fwd_kind", union ? "union" : "struct"));
      case BtfType.Typedef(String name, int target) -> target(id, "TYPEDEF", name, target);
      case BtfType.Qualifier(BtfType.Qualifier.Word word, int target) ->
          target(id, word.name(), "", target);
      case BtfType.TypeTag tag -> target(id, "TYPE_TAG", tag.name(), tag.target());
      case BtfType.Function(String name, int prototype, BtfType.Linkage linkage) ->
          of(id, "FUNC", name, Field.of("type_id", prototype), linkage(linkage));
      case BtfType.Prototype prototype -> prototype(id, prototype);
      case BtfType.Variable(String name, int type, BtfType.Linkage linkage) ->
          of(id, "VAR", name, new Field("type_id", type, type + ","), linkage(linkage));
      case BtfType.DataSection section -> section(btf, id, section);
      case BtfType.FloatType(String name, int size) ->
          of(id, "FLOAT", name, Field.of("size", size));
      case BtfType.DeclarationTag tag ->
          of(
              id,
              "DECL_TAG",
              tag.name(),
              Field.of("type_id", tag.target()),
              Field.of("component_idx", tag.component()));
    };
  }

  private static Field linkage(BtfType.Linkage linkage) {
    return Field.of("linkage", linkage.name().toLowerCase(Locale.ROOT));
  }

  private static BtfRow composite(int id, BtfType.Composite type) {
    List<Item> items = new ArrayList<>();
    for (BtfType.Member member : type.members()) {
      List<Field> fields = new ArrayList<>();
      fields.add(Field.of("type_id", member.type()));
      fields.add(Field.of("bits_offset", member.bitOffset()));
      if (member.bitFieldBits() != 0) {
        fields.add(Field.of("bitfield_size", member.bitFieldBits()));
      }
      items.add(new Item(true, member.name(), fields, ""));
    }
    return new BtfRow(
        id,
        type.union() ? "UNION" : "STRUCT",
        type.name(),
        List.of(Field.of("size", type.size()), Field.of("vlen", items.size())),
        "members",
        items);
  }

  private static BtfRow enumeration(int id, BtfType.Enumeration type) {
    List<Item> items = new ArrayList<>();
    for (BtfType.Enumerator enumerator : type.enumerators()) {
      String digits =
          type.signed()
              ? Long.toString(enumerator.value())
              : Long.toUnsignedString(enumerator.value());
      String suffix = type.wide() ? type.signed() ? "LL" : "ULL" : "";
      Object number = new java.math.BigInteger(digits);
      items.add(
          new Item(
              true, enumerator.name(), List.of(new Field("val", number, digits + suffix)), ""));
    }
    return new BtfRow(
        id,
        type.wide() ? "ENUM64" : "ENUM",
        type.name(),
        List.of(
            Field.of("encoding", type.signed() ? "SIGNED" : "UNSIGNED"),
            Field.of("size", type.size()),
            Field.of("vlen", items.size())),
        "values",
        items);
  }

  private static BtfRow prototype(int id, BtfType.Prototype type) {
    List<Item> items = new ArrayList<>();
    for (BtfType.Parameter parameter : type.parameters()) {
      items.add(
          new Item(true, parameter.name(), List.of(Field.of("type_id", parameter.type())), ""));
    }
    return new BtfRow(
        id,
        "FUNC_PROTO",
        "",
        List.of(Field.of("ret_type_id", type.result()), Field.of("vlen", items.size())),
        "params",
        items);
  }

  private static BtfRow section(Btf btf, int id, BtfType.DataSection type) {
    List<Item> items = new ArrayList<>();
    for (BtfType.SectionVariable variable : type.variables()) {
      String note =
          switch (btf.type(variable.type())) {
            case BtfType.Variable target -> " (VAR '%s')".formatted(target.name());
            case BtfType.Function target -> " (FUNC '%s')".formatted(target.name());
            default -> "";
          };
      items.add(
          new Item(
              false,
              "",
              List.of(
                  Field.of("type_id", variable.type()),
                  Field.of("offset", variable.offset()),
                  Field.of("size", variable.size())),
              note));
    }
    return new BtfRow(
        id,
        "DATASEC",
        type.name(),
        List.of(Field.of("size", type.size()), Field.of("vlen", items.size())),
        "vars",
        items);
  }
}
