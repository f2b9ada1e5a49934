package org.ebpf4j.cli.generate;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;

/// The records of a generated class: one for each struct, union and enumeration that its maps and
/// variables use. A struct or union without a name gets that of its typedef, or of the member that
/// it is; members of a struct without both belong to the struct around, as in C.
final class JavaRecords {
  /// Java takes no more parameters than 255, of which a `long` is two.
  private static final int MOST_COMPONENTS = 120;

  private final Btf btf;
  private final BtfLayout layout;
  private final JavaNames names;
  private final Map<Integer, JavaType.Named> known = new LinkedHashMap<>();
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
  ///
  /// @param hint a name for a struct that has none
  JavaType of(int id, String hint) {
    String name = btf.type(id) instanceof BtfType.Typedef typedef ? typedef.name() : hint;
    return switch (btf.type(id)) {
      case BtfType.Typedef t -> of(t.target(), name);
      case BtfType.Qualifier t -> of(t.target(), name);
      case BtfType.TypeTag t -> of(t.target(), name);
      case BtfType.Int t when t.encoding() == BtfType.Int.Encoding.BOOL && t.size() == 1 ->
          new JavaType.Bool();
      case BtfType.Int t when JavaType.Scalar.exists(t.size(), false) ->
          new JavaType.Scalar(t.size(), false);
      case BtfType.Enumeration t when t.name().isEmpty() -> new JavaType.Scalar(t.size(), false);
      case BtfType.Enumeration t -> named(id, t.name(), t.size(), t);
      case BtfType.FloatType t when JavaType.Scalar.exists(t.size(), true) ->
          new JavaType.Scalar(t.size(), true);
      case BtfType.Pointer t -> new JavaType.Scalar(8, false);
      case BtfType.Composite t when isRecord(t) ->
          named(id, t.name().isEmpty() ? name : t.name(), t.size(), t);
      case BtfType.Array t -> array(t, layout.sizeOf(id).orElse(0), name);
      default -> bytes(layout.sizeOf(id).orElse(0));
    };
  }

  private static JavaType bytes(int count) {
    return new JavaType.ScalarArray(new JavaType.Scalar(1, false), count, false);
  }

  private static boolean isRecord(BtfType.Composite type) {
    return !type.members().isEmpty() && type.members().size() <= MOST_COMPONENTS;
  }

  /// An array of arrays is one of all their elements.
  private JavaType array(BtfType.Array array, int size, String hint) {
    boolean text = btf.type(array.element()) instanceof BtfType.Int i && i.name().equals("char");
    return switch (of(array.element(), hint)) {
      case JavaType.Scalar t -> new JavaType.ScalarArray(t, array.count(), text);
      case JavaType.ScalarArray t ->
          new JavaType.ScalarArray(t.element(), t.count() * array.count(), false);
      case JavaType.Named t -> new JavaType.NamedList(t, array.count());
      case JavaType.NamedList t -> new JavaType.NamedList(t.element(), t.count() * array.count());
      case JavaType.Bool t -> new JavaType.BoolArray(array.count());
      case JavaType.BoolArray t -> new JavaType.BoolArray(t.count() * array.count());
      case JavaType.Bits t -> bytes(size);
    };
  }

  private JavaType.Named named(int id, String name, int size, BtfType type) {
    JavaType.Named made = known.get(id);
    if (made == null) {
      made = new JavaType.Named(names.type(name), size);
      known.put(id, made);
      sources.put(id, ""); // keeps its place before the records inside
      sources.put(id, source(made, type));
    }
    return made;
  }

  private String source(JavaType.Named named, BtfType type) {
    return switch (type) {
      case BtfType.Composite t when t.union() ->
          new UnionSource(named, t.name(), components(t, named.name(), Set.of("bytes"))).text();
      case BtfType.Composite t ->
          new RecordSource(named, t.name(), components(t, named.name(), Set.of())).text();
      case BtfType.Enumeration t -> new EnumerationSource(named, t).text();
      default -> throw new IllegalStateException("no record for " + type);
    };
  }

  /// A member of a struct or union.
  ///
  /// @param name what Java calls it
  /// @param offset bytes from the start
  record Component(String name, JavaType type, int offset) {}

  private List<Component> components(BtfType.Composite type, String outer, Set<String> taken) {
    List<Component> components = new ArrayList<>();
    add(components, type, 0, outer, new JavaNames(taken));
    return components;
  }

  private void add(
      List<Component> components,
      BtfType.Composite type,
      int startBit,
      String outer,
      JavaNames members) {
    for (BtfType.Member member : type.members()) {
      int bit = startBit + member.bitOffset();
      boolean nameless = member.name().isEmpty();
      if (nameless
          && btf.resolved(member.type()) instanceof BtfType.Composite inner
          && inner.union() == type.union()) {
        add(components, inner, bit, outer, members);
        continue;
      }
      String name = nameless ? inner(member.type()) : member.name();
      JavaType java = type(member, bit, outer + "_" + name);
      if (java.size() > 0) { // a flexible array at the end has no bytes
        components.add(new Component(members.member(name), java, bit / Byte.SIZE));
      }
    }
  }

  private String inner(int type) {
    return btf.resolved(type) instanceof BtfType.Composite t && t.union() ? "either" : "part";
  }

  private JavaType type(BtfType.Member member, int bit, String hint) {
    BtfType type = btf.resolved(member.type());
    int width = member.bitFieldBits();
    int start = bit;
    if (width == 0 && type instanceof BtfType.Int old && old.bits() < old.size() * Byte.SIZE) {
      width = old.bits(); // how bit-fields were written before there was a flag for them
      start += old.bitOffset();
    }
    if (width == 0) {
      return of(member.type(), hint);
    }
    boolean signed =
        switch (type) {
          case BtfType.Int t -> t.encoding() == BtfType.Int.Encoding.SIGNED;
          case BtfType.Enumeration t -> t.signed();
          default -> false;
        };
    boolean truth = type instanceof BtfType.Int t && t.encoding() == BtfType.Int.Encoding.BOOL;
    return new JavaType.Bits(start % Byte.SIZE, width, signed, truth);
  }
}
