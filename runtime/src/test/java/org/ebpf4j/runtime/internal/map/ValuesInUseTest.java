package org.ebpf4j.runtime.internal.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.ebpf4j.runtime.internal.map.MapFixture.u32;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.MapException;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfType.Composite;
import org.ebpf4j.btf.BtfType.Int;
import org.ebpf4j.btf.BtfType.Member;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.SpinWord;
import org.ebpf4j.runtime.internal.object.KernelObject;
import org.ebpf4j.runtime.internal.object.KernelObjects;
import org.ebpf4j.runtime.internal.object.ObjectList;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.Test;

/// A run may hold the address of a value while the application updates or deletes it: its locks,
/// lists and pointers stay in order.
class ValuesInUseTest {
  private static final int LOCK_AND_LIST = 4;
  private static final int BYTES = 24;
  private static final int NO_PREALLOC = 1;

  private final Epochs epochs = new Epochs(1);
  private final Budget budget = new Budget(1 << 24, true);
  private final KernelObjects objects = new KernelObjects(epochs, budget);
  private final Btf btf = types(16);

  /// `struct { struct bpf_spin_lock lock; u32 plain; struct bpf_list_head list; }`.
  private static Btf types(int bytesOfHead) {
    return Btf.of(
        List.of(
            new Int("unsigned int", 4, Int.Encoding.UNSIGNED, 0, 32),
            new Composite("bpf_spin_lock", false, 4, List.of(new Member("val", 1, 0, 0))),
            new Composite("bpf_list_head", false, bytesOfHead, List.of()),
            new Composite(
                "value",
                false,
                BYTES,
                List.of(
                    new Member("lock", 2, 0, 0),
                    new Member("plain", 1, 32, 0),
                    new Member("list", 3, 64, 0)))));
  }

  private static MapSpec spec(MapType type, int flags, int valueSize) {
    return new MapSpec(
        "values",
        type.number(),
        4,
        valueSize,
        2,
        flags,
        0,
        0,
        1,
        LOCK_AND_LIST,
        false,
        Optional.empty(),
        new MapSpec.Contents.None());
  }

  private MapRegistry registry() {
    return new MapRegistry(
        epochs,
        budget,
        10,
        (map, field, address, lock) -> objects.releaseField(field.kind(), address, lock));
  }

  private RuntimeMap map(MapType type, int flags) {
    return registry().create(spec(type, flags, BYTES), btf);
  }

  /// That lists lie at the same places does not say that the same objects are in them.
  @Test
  void innerMapsHoldObjectsOfTheTypesThatTheOuterMapKnows() {
    MapRegistry registry = registry();
    MapSpec inner = spec(MapType.HASH, 0, BYTES);
    MapSpec outer = MapSpec.of("outer", MapType.ARRAY_OF_MAPS, 4, 4, 1).withInner(inner);
    List<BtfType> others = new ArrayList<>(btf.ownTypes());
    others.add(new Int("long", 8, Int.Encoding.SIGNED, 0, 64));
    try (MapHandle maps = new MapHandle(registry.create(outer, btf));
        MapHandle alike = new MapHandle(registry.create(inner, types(16)));
        MapHandle other = new MapHandle(registry.create(inner, Btf.of(others)))) {
      maps.putMap(u32(0), alike);
      assertThatThrownBy(() -> maps.putMap(u32(0), other))
          .isInstanceOf(MapException.class)
          .hasMessageContaining("EINVAL");
    }
  }

  private static long lookup(RuntimeMap map, int key) {
    try (Arena arena = Arena.ofConfined()) {
      long at = arena.allocate(4, 8).address();
      Memory.putInt(at, key);
      return map.lookup(at, 0);
    }
  }

  private long node() {
    KernelObject object =
        objects.allocate(KernelObject.Kind.STRUCT, "node", 24, SpecialFields.none());
    return object == null ? 0 : object.address();
  }

  @Test
  void aLockThatIsHeldStaysHeldWhenItsElementIsUsedAgain() {
    RuntimeMap map = map(MapType.HASH, 0);
    MapHandle user = new MapHandle(map);
    user.update(u32(1), new byte[BYTES]);
    long value = lookup(map, 1);
    assertThat(SpinWord.tryLock(value)).isTrue();
    List<Long> used = new ArrayList<>();
    for (int i = 0; i < 8 && !used.contains(value); i++) {
      user.delete(u32(1));
      user.update(u32(1), new byte[BYTES]);
      used.add(lookup(map, 1));
    }
    assertThat(used).contains(value);
    assertThat(SpinWord.tryLock(value)).isFalse();
    SpinWord.unlock(value);
    user.close();
  }

  @Test
  void anUpdateLeavesAListAloneWhoseLockDoesNotComeFree() {
    RuntimeMap map = map(MapType.ARRAY, 0);
    MapHandle user = new MapHandle(map);
    long value = lookup(map, 1);
    long node = node();
    assertThat(SpinWord.tryLock(value)).isTrue();
    ObjectList.push(value + 8, node, true);
    user.update(u32(1), new byte[BYTES]);
    assertThat(ObjectList.end(value + 8, true)).isEqualTo(node);
    SpinWord.unlock(value);
    user.update(u32(1), new byte[BYTES]);
    assertThat(ObjectList.end(value + 8, true)).isZero();
    user.close();
  }

  @Test
  void whatARunPutsIntoADeletedElementGoesWithTheElement() {
    for (int flags : new int[] {0, NO_PREALLOC}) {
      RuntimeMap map = map(MapType.HASH, flags);
      MapHandle user = new MapHandle(map);
      user.update(u32(1), new byte[BYTES]);
      long value = lookup(map, 1);
      user.delete(u32(1));
      long node = node();
      ObjectList.push(value + 8, node, true);
      user.close();
      epochs.synchronize(java.time.Duration.ofSeconds(10));
      epochs.synchronize(java.time.Duration.ofSeconds(10));
      assertThat(objects.at(node)).as("flags %d", flags).isNull();
    }
  }

  @Test
  void aValueWhoseLockDoesNotComeFreeIsNotWaitedForWithoutEnd() {
    RuntimeMap map = map(MapType.ARRAY, 0);
    MapHandle user = new MapHandle(map);
    long value = lookup(map, 0);
    assertThat(SpinWord.tryLock(value)).isTrue();
    try (Arena arena = Arena.ofConfined()) {
      long memory = arena.allocate(64, 8).address();
      assertThat(map.update(memory, memory + 8, MapFlags.LOCK, 0))
          .isEqualTo(Errno.ETIMEDOUT.negated());
      assertThat(map.userLookup(memory, memory + 8, MapFlags.LOCK))
          .isEqualTo(Errno.ETIMEDOUT.negated());
    }
    SpinWord.unlock(value);
    user.close();
  }

  @Test
  void fieldsBeyondTheValueAreRefused() {
    MapRegistry registry = new MapFixture().registry;
    assertThatThrownBy(() -> registry.create(spec(MapType.ARRAY, 0, 16), btf))
        .isInstanceOf(MapException.class)
        .hasMessageContaining("special fields beyond their 16 bytes");
  }

  /// The host would write more than there is.
  @Test
  void aStructOfAnotherSizeIsNoSpecialField() {
    assertThat(SpecialFields.of(types(8), LOCK_AND_LIST).fields())
        .extracting(SpecialFields.Field::kind)
        .containsExactly(SpecialFields.Kind.SPIN_LOCK);
    BtfType head = types(16).type(3);
    assertThat(head.name()).isEqualTo("bpf_list_head");
  }
}
