package org.ebpf4j.runtime.internal.map;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.ebpf4j.runtime.internal.map.MapFixture.u32;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.MapException;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfType.Composite;
import org.ebpf4j.btf.BtfType.Int;
import org.ebpf4j.btf.BtfType.Member;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.map.SpecialFields.Kind;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Which special fields the values of owners may hold, and when what they hold is let go.
class StorageMapTest {
  /// `struct { struct bpf_spin_lock lock; u32 plain; struct object __kptr *kept; }`.
  private static final int LOCK_AND_POINTER = 6;

  /// `struct { struct bpf_spin_lock lock; }`.
  private static final int LOCK = 7;

  /// `struct { struct bpf_timer timer; }`.
  private static final int TIMER = 9;

  private static final Btf BTF =
      Btf.of(
          List.of(
              new Int("unsigned int", 4, Int.Encoding.UNSIGNED, 0, 32),
              new Composite("bpf_spin_lock", false, 4, List.of(new Member("val", 1, 0, 0))),
              new Composite("object", false, 4, List.of(new Member("number", 1, 0, 0))),
              new BtfType.TypeTag("kptr", 3, false),
              new BtfType.Pointer(4),
              new Composite(
                  "both",
                  false,
                  16,
                  List.of(
                      new Member("lock", 2, 0, 0),
                      new Member("plain", 1, 32, 0),
                      new Member("kept", 5, 64, 0))),
              new Composite("locked", false, 4, List.of(new Member("lock", 2, 0, 0))),
              new Composite("bpf_timer", false, 16, List.of()),
              new Composite("timed", false, 16, List.of(new Member("timer", 8, 0, 0)))));

  private final List<Kind> released = new ArrayList<>();
  private final MapRegistry registry =
      new MapRegistry(
          new Epochs(1),
          new Budget(1 << 24, true),
          10,
          (map, field, address, lock) -> released.add(field.kind()));

  private MapHandle create(MapType type, int valueType, int valueSize) {
    boolean older = type == MapType.CGROUP_STORAGE || type == MapType.PERCPU_CGROUP_STORAGE;
    MapSpec spec =
        new MapSpec(
            "values",
            type.number(),
            older ? 8 : 4,
            valueSize,
            0,
            older ? 0 : MapFlags.NO_PREALLOC,
            0,
            0,
            1,
            valueType,
            false,
            Optional.empty(),
            new MapSpec.Contents.None());
    return new MapHandle(registry.create(spec, BTF));
  }

  @ParameterizedTest
  @EnumSource(names = {"SK_STORAGE", "TASK_STORAGE", "INODE_STORAGE", "CGRP_STORAGE"})
  void whatAValueHoldsIsLetGoWithIt(MapType type) {
    MapHandle map = create(type, LOCK_AND_POINTER, 16);
    byte[] given = new byte[16];
    Arrays.fill(given, (byte) 9);
    byte[] plain = new byte[16];
    System.arraycopy(given, 4, plain, 4, 4);
    map.update(u32(1), given);
    assertThat(map.lookup(u32(1))).as("neither lock nor pointer").contains(plain);
    map.update(u32(1), given, BpfMap.LOCK);
    assertThat(map.lookup(u32(1), BpfMap.LOCK)).contains(plain);
    assertThat(released).isEmpty();
    map.update(u32(1), given);
    assertThat(released).as("replaced").containsExactly(Kind.KPTR);
    map.delete(u32(1));
    assertThat(released).as("deleted").containsExactly(Kind.KPTR, Kind.KPTR);
    map.update(u32(2), given);
    map.update(u32(3), given);
    map.close();
    // And all that runs may have put in since, once they are over.
    assertThat(released).as("two more with the map").hasSizeGreaterThanOrEqualTo(4);
  }

  @Test
  void theOlderStorageOfControlGroupsHasLocksAlone() {
    byte[] group = {1, 0, 0, 0, 0, 0, 0, 0};
    MapHandle map = create(MapType.CGROUP_STORAGE, LOCK, 4);
    map.update(group, new byte[] {1, 2, 3, 4});
    assertThat(map.lookup(group, BpfMap.LOCK)).contains(new byte[4]);
    assertThat(refusal(MapType.CGROUP_STORAGE, LOCK_AND_POINTER, 16)).isEqualTo(Errno.EOPNOTSUPP);
    assertThat(refusal(MapType.PERCPU_CGROUP_STORAGE, LOCK, 4)).isEqualTo(Errno.EOPNOTSUPP);
  }

  @ParameterizedTest
  @EnumSource(
      names = {"SK_STORAGE", "TASK_STORAGE", "INODE_STORAGE", "CGRP_STORAGE", "CGROUP_STORAGE"})
  void noOwnerHasTimers(MapType type) {
    assertThat(refusal(type, TIMER, 16)).isEqualTo(Errno.EOPNOTSUPP);
  }

  private Errno refusal(MapType type, int valueType, int valueSize) {
    List<Errno> caught = new ArrayList<>();
    assertThatExceptionOfType(MapException.class)
        .isThrownBy(() -> create(type, valueType, valueSize))
        .satisfies(refusal -> caught.add(refusal.errno()));
    return caught.getFirst();
  }
}
