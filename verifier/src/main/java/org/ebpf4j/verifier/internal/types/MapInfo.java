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

  /// Special fields of a value at most; a map with more is made without types. Source:
  /// `BTF_FIELDS_MAX`.
  private static final int MAX_FIELDS = 11;

  private final MapSpec spec;
  private final MapType type;
  private final List<SpecialField> fields;
  private final boolean typed;
  private final @Nullable MapInfo inner;
  private final @Nullable String outer;

  public MapInfo(MapSpec spec, MapType type, Btf btf, DeclarationTags tags) {
    this(spec, type, btf, tags, null);
  }

  private MapInfo(
      MapSpec spec, MapType type, Btf btf, DeclarationTags tags, @Nullable String outer) {
    this.spec = spec;
    this.type = type;
    List<SpecialField> found = SpecialFields.of(btf, tags, spec.valueType());
    this.typed = spec.valueType() != 0 && found.size() <= MAX_FIELDS;
    this.fields = typed ? found : List.of();
    this.outer = outer;
    this.inner =
        spec.inner()
            .flatMap(s -> s.type().map(t -> new MapInfo(s, t, btf, tags, spec.name())))
            .orElse(null);
  }

  public String name() {
    return spec.name();
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

  /// Whether its value has a type that the kernel takes.
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

  /// Whether programs may read values.
  public boolean isReadable() {
    return (spec.flags() & WRONLY_PROG) == 0;
  }

  /// Whether programs may write values.
  public boolean isWritable() {
    return (spec.flags() & RDONLY_PROG) == 0;
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
