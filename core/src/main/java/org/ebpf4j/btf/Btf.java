package org.ebpf4j.btf;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Types by id, as an object file or a kernel gives them. Immutable.
///
/// Ids count from 1; 0 is `void`. A split BTF (of a kernel module) continues the ids of its base
/// and refers to the base's types.
public final class Btf {
  private static final BtfType VOID = new BtfType.VoidType();

  private final Optional<Btf> base;
  private final int firstId;
  private final List<BtfType> types;
  private final ByteOrder order;
  private final Optional<BtfStrings> strings;
  private volatile @Nullable NameIndex byName;

  private Btf(
      Optional<Btf> base, List<BtfType> types, ByteOrder order, Optional<BtfStrings> strings) {
    this.base = base;
    this.firstId = base.map(Btf::endId).orElse(1);
    this.types = List.copyOf(types);
    this.order = order;
    this.strings = strings;
  }

  /// A BTF of its own; the first type gets id 1.
  public static Btf of(List<BtfType> types) {
    return of(types, ByteOrder.nativeOrder());
  }

  /// A BTF of its own, stored in the given byte order.
  public static Btf of(List<BtfType> types, ByteOrder order) {
    return new Btf(Optional.empty(), types, order, Optional.empty());
  }

  /// A split BTF, whose first type gets the id after the last one of `base`.
  public static Btf split(Btf base, List<BtfType> types) {
    return new Btf(Optional.of(base), types, base.order, Optional.empty());
  }

  /// A BTF as it was read, with the strings it was stored with.
  static Btf stored(Optional<Btf> base, List<BtfType> types, ByteOrder order, BtfStrings strings) {
    return new Btf(base, types, order, Optional.of(strings));
  }

  /// A BTF without types.
  public static Btf empty() {
    return of(List.of());
  }

  public Optional<Btf> base() {
    return base;
  }

  /// The byte order it was stored in.
  public ByteOrder order() {
    return order;
  }

  /// The first id that is this BTF's own and not its base's.
  public int firstId() {
    return firstId;
  }

  /// One more than the highest id.
  public int endId() {
    return firstId + types.size();
  }

  /// The type with this id.
  ///
  /// @throws IndexOutOfBoundsException if there is none
  public BtfType type(int id) {
    if (id == 0) {
      return VOID;
    }
    if (id < firstId && base.isPresent()) {
      return base.get().type(id);
    }
    return types.get(id - firstId);
  }

  /// Whether there is a type with this id.
  public boolean has(int id) {
    return id >= 0 && id < endId();
  }

  /// This BTF's own types, without those of its base, in the order of their ids.
  public List<BtfType> ownTypes() {
    return types;
  }

  /// The string at an offset of those that it was stored with; empty where there is none.
  public Optional<String> string(int offset) {
    return strings
        .filter(stored -> Integer.toUnsignedLong(offset) < stored.end())
        .map(stored -> stored.at(Integer.toUnsignedLong(offset)));
  }

  /// The strings it was stored with; empty for one that was made in memory.
  Optional<BtfStrings> strings() {
    return strings;
  }

  /// The id of the type that `id` stands for when typedefs, qualifiers and type tags are taken
  /// away.
  public int resolve(int id) {
    int resolved = id;
    while (true) {
      switch (type(resolved)) {
        case BtfType.Typedef(var name, int target) -> resolved = target;
        case BtfType.Qualifier(var word, int target) -> resolved = target;
        case BtfType.TypeTag tag -> resolved = tag.target();
        default -> {
          return resolved;
        }
      }
    }
  }

  /// The type that `id` stands for when typedefs, qualifiers and type tags are taken away.
  public BtfType resolved(int id) {
    return type(resolve(id));
  }

  /// Ids of the types of a kind with this name, base first. Types without a name are not found.
  public List<Integer> find(String name, Class<? extends BtfType> kind) {
    List<Integer> found = new ArrayList<>();
    addFlavours(
        EssentialName.of(name), type -> kind.isInstance(type) && type.name().equals(name), found);
    return found;
  }

  /// Ids of the types, of any kind, whose name without its flavour is that of `name`, base first.
  /// Types without a name are not found.
  public List<Integer> findFlavours(String name) {
    String essential = EssentialName.of(name);
    List<Integer> found = new ArrayList<>();
    addFlavours(essential, type -> EssentialName.of(type.name()).equals(essential), found);
    return found;
  }

  private void addFlavours(String essential, Predicate<BtfType> wanted, List<Integer> found) {
    base.ifPresent(b -> b.addFlavours(essential, wanted, found));
    NameIndex index = byName;
    if (index == null) {
      index = NameIndex.of(types);
      byName = index;
    }
    for (int i = index.first(essential); i >= 0; i = index.next(i)) {
      if (wanted.test(types.get(i))) {
        found.add(firstId + i);
      }
    }
  }

  /// Where types of a name are, flavours aside: a hash table of chains in two arrays, as a kernel
  /// has more than a hundred thousand types, and whoever asks for the first one waits for all of
  /// it.
  ///
  /// @param heads for each hash of a name, the index of the first type with it, or -1
  /// @param nexts for each type, the index of the next one with its hash, or -1
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record NameIndex(int[] heads, int[] nexts) {
    static NameIndex of(List<BtfType> types) {
      int[] heads = new int[Integer.highestOneBit(Math.max(types.size(), 1)) * 2];
      int[] nexts = new int[types.size()];
      Arrays.fill(heads, -1);
      for (int i = types.size() - 1; i >= 0; i--) {
        String name = types.get(i).name();
        if (!name.isEmpty()) {
          int place = place(EssentialName.of(name), heads.length);
          nexts[i] = heads[place];
          heads[place] = i;
        }
      }
      return new NameIndex(heads, nexts);
    }

    private static int place(String essential, int places) {
      int hash = essential.hashCode();
      return (hash ^ hash >>> 16) & (places - 1);
    }

    int first(String essential) {
      return heads[place(essential, heads.length)];
    }

    int next(int index) {
      return nexts[index];
    }
  }
}
