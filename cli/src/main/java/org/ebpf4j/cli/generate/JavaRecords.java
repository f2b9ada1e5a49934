package org.ebpf4j.cli.generate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;

/// The records of a generated class: one for each struct that its maps and variables use.
///
/// A union, a struct with bit-fields, a struct without a name and an array of pointers have no
/// record of their own; they are their bytes.
final class JavaRecords {
  private final Btf btf;
  private final BtfLayout layout;
  private final JavaNames names;
  private final Map<Integer, JavaType.Struct> structs = new LinkedHashMap<>();
  private final Map<Integer, String> sources = new LinkedHashMap<>();

  /// @param names the classes of the generated source
  JavaRecords(Btf btf, JavaNames names) {
    this.btf = btf;
    this.layout = new BtfLayout(btf);
    this.names = names;
  }

  /// The sources of all records, in the order in which they were met.
  List<String> sources() {
    return List.copyOf(sources.values());
  }

  /// How Java writes the type of this BTF id; one without a size takes no bytes.
  JavaType of(int id) {
    int size = layout.sizeOf(id).orElse(0);
    return switch (btf.resolved(id)) {
      case BtfType.Int t when t.encoding() == BtfType.Int.Encoding.BOOL && t.size() == 1 ->
          new JavaType.Bool();
      case BtfType.Int t when JavaType.Scalar.exists(t.size(), false) ->
          new JavaType.Scalar(t.size(), false);
      case BtfType.Enumeration t -> new JavaType.Scalar(t.size(), false);
      case BtfType.FloatType t when JavaType.Scalar.exists(t.size(), true) ->
          new JavaType.Scalar(t.size(), true);
      case BtfType.Pointer t -> new JavaType.Scalar(8, false);
      case BtfType.Composite t when isPlain(t) -> struct(btf.resolve(id), t);
      case BtfType.Array t -> array(t, size);
      default -> bytes(size);
    };
  }

  private static JavaType bytes(int count) {
    return new JavaType.ScalarArray(new JavaType.Scalar(1, false), count, false);
  }

  private static boolean isPlain(BtfType.Composite type) {
    return !type.union()
        && !type.name().isEmpty()
        && !type.members().isEmpty()
        && type.members().stream()
            .allMatch(m -> m.bitFieldBits() == 0 && m.bitOffset() % Byte.SIZE == 0);
  }

  /// An array of arrays is one of all their elements.
  private JavaType array(BtfType.Array array, int size) {
    boolean text = btf.type(array.element()) instanceof BtfType.Int i && i.name().equals("char");
    return switch (of(array.element())) {
      case JavaType.Scalar t when !t.floating() -> new JavaType.ScalarArray(t, array.count(), text);
      case JavaType.ScalarArray t ->
          new JavaType.ScalarArray(t.element(), t.count() * array.count(), false);
      case JavaType.Struct t -> new JavaType.StructList(t, array.count());
      case JavaType.Scalar t -> bytes(size);
      case JavaType.Bool t -> bytes(size);
      case JavaType.StructList t -> new JavaType.StructList(t.element(), t.count() * array.count());
    };
  }

  private JavaType.Struct struct(int id, BtfType.Composite type) {
    JavaType.Struct known = structs.get(id);
    if (known == null) {
      known = new JavaType.Struct(names.type(type.name()), type.size());
      structs.put(id, known);
      sources.put(id, ""); // keeps its place before the records inside
      sources.put(id, source(known, type));
    }
    return known;
  }

  /// @param name as the record's component
  private record Component(String name, JavaType type, int offset) {}

  private List<Component> components(BtfType.Composite type) {
    JavaNames members = new JavaNames(Set.of());
    List<Component> components = new ArrayList<>();
    for (BtfType.Member member : type.members()) {
      JavaType java = of(member.type());
      if (java.size() > 0) { // a flexible array at the end has no bytes
        components.add(
            new Component(members.member(member.name()), java, member.bitOffset() / Byte.SIZE));
      }
    }
    return components;
  }

  private String source(JavaType.Struct struct, BtfType.Composite type) {
    List<Component> components = components(type);
    String declared =
        components.stream()
            .map(c -> c.type().name() + " " + c.name())
            .collect(Collectors.joining(", "));
    StringBuilder out = new StringBuilder();
    out.append("  /// `struct %s`, %d bytes.%n".formatted(type.name(), type.size()));
    out.append("  public record %s(%s) {%n".formatted(struct.name(), declared));
    out.append(checks(struct, components));
    for (Component c : components) {
      if (c.type() instanceof JavaType.ScalarArray numbers && numbers.text()) {
        out.append(
            """
                /// `%s` as text, up to its first zero.
                public String %sText() {
                  return text(%s);
                }

            """
                .formatted(c.name(), c.name(), c.name()));
      }
    }
    out.append(
        """
            /// How it is laid out in C.
            public static final Codec<%1$s> CODEC =
                new Codec<%1$s>() {
                  @Override
                  public int size() {
                    return %2$d;
                  }

                  @Override
                  public void encode(%1$s value, MemorySegment target) {
                    target.asSlice(0, %2$d).fill((byte) 0);
        """
            .formatted(struct.name(), struct.size()));
    for (Component c : components) {
      out.append(
          "            %s%n"
              .formatted(c.type().write(c.offset(), "value.%s()".formatted(c.name()))));
    }
    out.append(
        """
                  }

                  @Override
                  public %1$s decode(MemorySegment source) {
                    return new %1$s(
        """
            .formatted(struct.name()));
    out.append(
        components.stream()
            .map(c -> "                " + c.type().read(c.offset()))
            .collect(Collectors.joining(",%n".formatted())));
    out.append(
        """
        );
                  }
                };
          }

        """);
    return out.toString();
  }

  /// Arrays and lists have as many elements as in C.
  private static String checks(JavaType.Struct struct, List<Component> components) {
    StringBuilder checks = new StringBuilder();
    for (Component c : components) {
      switch (c.type()) {
        case JavaType.ScalarArray t ->
            checks.append(
                "      requireLength(\"%1$s\", %1$s.length, %2$d);%n"
                    .formatted(c.name(), t.count()));
        case JavaType.StructList t ->
            checks.append(
                "      requireLength(\"%1$s\", %1$s.size(), %2$d);%n"
                    .formatted(c.name(), t.count()));
        case JavaType.Scalar t -> {}
        case JavaType.Bool t -> {}
        case JavaType.Struct t -> {}
      }
    }
    return checks.isEmpty() ? "" : "    public %s {%n%s    }%n%n".formatted(struct.name(), checks);
  }
}
