package org.ebpf4j.verifier.internal.types;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.spec.MapSpec;
import org.jspecify.annotations.Nullable;

/// A map as the rules see it. Two are the same map only if they are the same object.
public final class MapInfo {
  private static final int RDONLY_PROG = 1 << 7;
  private static final int WRONLY_PROG = 1 << 8;
  private static final int INNER_MAP = 1 << 12;

  private static final int MAX_NAME = 15;
  private static final int MIN_SUFFIX = 7;

  private final MapSpec spec;
  private final String kernelName;
  private final MapType type;
  private final List<SpecialField> fields;
  private final boolean typed;
  private final List<SpecialField> withheld;
  private final @Nullable MapInfo inner;
  private final @Nullable String outer;

  /// @param object the name of the object that has the map
  public MapInfo(MapSpec spec, MapType type, Btf btf, DeclarationTags tags, String object) {
    this(spec, type, btf, tags, object, null);
  }

  private MapInfo(
      MapSpec spec,
      MapType type,
      Btf btf,
      DeclarationTags tags,
      String object,
      @Nullable String outer) {
    this.spec = spec;
    this.kernelName = kernelName(spec.name(), object);
    this.type = type;
    Optional<List<SpecialField>> found =
        spec.valueType() != 0 && btf.has(spec.valueType())
            ? SpecialFields.parse(btf, tags, spec.valueType(), SpecialField.Kind::mayBeInMap)
            : Optional.of(List.of());
    boolean fits = found.stream().flatMap(List::stream).allMatch(f -> f.kind().fits(type));
    this.typed = spec.valueType() != 0 && fits;
    this.fields = typed ? found.orElse(List.of()) : List.of();
    this.withheld =
        typed && found.isPresent()
            ? List.of()
            : SpecialFields.all(btf, tags, spec.valueType(), SpecialField.Kind::mayBeInMap);
    this.outer = outer;
    this.inner =
        spec.inner()
            .flatMap(s -> s.type().map(t -> new MapInfo(s, t, btf, tags, object, spec.name())))
            .orElse(null);
  }

  private MapInfo(MapInfo typedMap) {
    this.spec = typedMap.spec;
    this.kernelName = typedMap.kernelName;
    this.type = typedMap.type;
    this.typed = false;
    this.withheld = typedMap.fields.isEmpty() ? typedMap.withheld : typedMap.fields;
    this.fields = List.of();
    this.outer = typedMap.outer;
    this.inner = typedMap.inner == null ? null : typedMap.inner.withoutTypes();
  }

  /// The map as it is made where Linux does not take the object's types.
  public MapInfo withoutTypes() {
    return new MapInfo(this);
  }

  /// Whether a value, or one of an inner map, has parts that are not plain bytes, or should have.
  public boolean isSpecial() {
    return !fields.isEmpty() || !withheld.isEmpty() || (inner != null && inner.isSpecial());
  }

  public String name() {
    return spec.name();
  }

  /// The name that it has in the kernel.
  public String kernelName() {
    return kernelName;
  }

  /// Names have 15 bytes in the kernel, of which global data's begin with the object's. Source:
  /// `internal_map_name` in libbpf.
  private static String kernelName(String name, String object) {
    String prefix = "";
    if (name.startsWith(".")) {
      String file = object.substring(object.lastIndexOf('/') + 1);
      int dot = file.indexOf('.');
      String stem = dot > 0 ? file.substring(0, dot) : file;
      int rest = Math.max(0, MAX_NAME - Math.max(MIN_SUFFIX, name.length()));
      prefix = stem.substring(0, Math.min(rest, stem.length()));
    }
    String whole = prefix + name;
    return whole.substring(0, Math.min(MAX_NAME, whole.length())).replaceAll("[^A-Za-z0-9_.]", "_");
  }

  public MapType type() {
    return type;
  }

  public int keySize() {
    return spec.keySize();
  }

  public int valueSize() {
    return spec.valueSize();
  }

  public int maxEntries() {
    return spec.maxEntries();
  }

  /// Whether its value has a type that the kernel takes. Maps with parts that do not go with maps
  /// of their type are made without one.
  public boolean hasValueType() {
    return typed;
  }

  /// For maps of maps, what the inner maps look like.
  public Optional<MapInfo> inner() {
    return Optional.ofNullable(inner);
  }

  /// For inner maps, the name of the map that holds them.
  public Optional<String> outer() {
    return Optional.ofNullable(outer);
  }

  /// For inner maps, whether those that are put in may have another size (`BPF_F_INNER_MAP`).
  public boolean hasOpenSize() {
    return (spec.flags() & INNER_MAP) != 0;
  }

  /// Whether programs may read values.
  public boolean isReadable() {
    return (spec.flags() & WRONLY_PROG) == 0;
  }

  /// Whether programs may write values.
  public boolean isWritable() {
    // Linux adds the flag to device maps: their values are the kernel's (`dev_map_init_map`).
    boolean devices = type == MapType.DEVMAP || type == MapType.DEVMAP_HASH;
    return !devices && (spec.flags() & RDONLY_PROG) == 0;
  }

  /// The value of key 0, if nobody may ever change it.
  public Optional<byte[]> constantValue() {
    return spec.contents() instanceof MapSpec.Contents.Data(byte[] bytes, boolean frozen)
            && frozen
            && !isWritable()
        ? Optional.of(bytes)
        : Optional.empty();
  }

  /// Parts of the value that are not plain bytes.
  public List<SpecialField> fields() {
    return fields;
  }

  /// Parts of the value that Linux takes for plain bytes, for something is wrong with the type, and
  /// hosts may take for more.
  public List<SpecialField> withheld() {
    return withheld;
  }

  /// The part of this kind, of which a value has at most one.
  public Optional<SpecialField> field(SpecialField.Kind kind) {
    return fields.stream().filter(field -> field.kind() == kind).findFirst();
  }

  public boolean has(SpecialField.Kind kind) {
    for (SpecialField field : fields) {
      if (field.kind() == kind) {
        return true;
      }
    }
    return false;
  }

  /// Whether a value has a lock, so that pointers to different values must be told apart.
  public boolean hasLock() {
    return has(SpecialField.Kind.SPIN_LOCK) || has(SpecialField.Kind.RES_SPIN_LOCK);
  }

  @Override
  public String toString() {
    return spec.name();
  }
}
