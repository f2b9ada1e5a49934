package org.ebpf4j.runtime.internal.map;

import java.lang.foreign.Arena;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// Values that belong to sockets, tasks, inodes or control groups: `BPF_MAP_TYPE_SK_STORAGE`,
/// `TASK_STORAGE`, `INODE_STORAGE`, `CGRP_STORAGE` and the older `CGROUP_STORAGE`. An owner is
/// known by its number: a socket's cookie, a thread, an inode, a control group. Users name owners
/// by these numbers too, as the host has no file descriptors.
///
/// Inside it is a hash with the owner's number as key, which also keeps the special fields of
/// values (locks, pointers to objects) and lets go of what they hold. Nothing tells the host when
/// an owner goes away, so values stay until they are deleted.
///
/// Sources: Linux 6.18's `kernel/bpf/bpf_local_storage.c`, `kernel/bpf/local_storage.c`.
public final class StorageMap extends RuntimeMap {
  /// How many owners may have a value; the table for so many takes a megabyte.
  private static final int MOST_OWNERS = 1 << 16;

  private final RuntimeMap values;

  StorageMap(MapSpec spec, MapSite site) {
    super(spec, site);
    MapSpec inside =
        MapSpec.of(spec.name(), inside(spec), Long.BYTES, spec.valueSize(), MOST_OWNERS)
            .withFlags(MapFlags.NO_PREALLOC);
    this.values =
        inside.type().orElseThrow() == MapType.HASH
            ? new HashTableMap(inside, site)
            : new PerCpuHashMap(inside, site);
  }

  private static MapType inside(MapSpec spec) {
    return spec.type().orElseThrow() == MapType.PERCPU_CGROUP_STORAGE
        ? MapType.PERCPU_HASH
        : MapType.HASH;
  }

  /// The address of an owner's value, or 0.
  ///
  /// @param owner address of the owner's number, 8 bytes
  public long get(long owner, int cpu) {
    return values.lookup(owner, cpu);
  }

  /// As [#get], but a value that is not there begins as `initial`; 0 if there is no room for one.
  ///
  /// @param owner address of the owner's number, 8 bytes
  /// @param initial address of a value, or 0 for zeros
  public long getOrCreate(long owner, long initial, int cpu) {
    long value = values.lookup(owner, cpu);
    if (value != 0) {
      return value;
    }
    if (initial != 0) {
      return create(owner, initial, cpu);
    }
    try (Arena arena = Arena.ofConfined()) {
      return create(owner, arena.allocate(spec().valueSize(), Long.BYTES).address(), cpu);
    }
  }

  private long create(long owner, long initial, int cpu) {
    while (true) {
      int result = values.update(owner, initial, MapFlags.NOEXIST, cpu);
      if (result != 0 && result != Errno.EEXIST.negated()) {
        return 0;
      }
      long value = values.lookup(owner, cpu);
      if (value != 0) {
        return value;
      }
      // Somebody has removed it already.
    }
  }

  /// Removes an owner's value; 0 or `ENOENT`.
  public int remove(long owner, int cpu) {
    return values.delete(owner, cpu);
  }

  /// Calls what wants the owner's number by address with a user's key, which may be shorter or
  /// longer: a descriptor's 4 bytes, or `struct bpf_cgroup_storage_key`.
  private long owner(long key, long scratch) {
    long number =
        spec().keySize() < Long.BYTES
            ? Integer.toUnsignedLong(Memory.getInt(key))
            : Memory.getLong(key);
    Memory.putLong(scratch, number);
    return scratch;
  }

  @Override
  public int userValueSize() {
    return values.userValueSize();
  }

  @Override
  public int userLookup(long key, long to, long flags) {
    try (OwnerKey owner = new OwnerKey()) {
      return values.userLookup(owner(key, owner.address()), to, flags);
    }
  }

  @Override
  public int userUpdate(long key, long value, long flags) {
    try (OwnerKey owner = new OwnerKey()) {
      return values.userUpdate(owner(key, owner.address()), value, flags);
    }
  }

  @Override
  public int userDelete(long key) {
    try (OwnerKey owner = new OwnerKey()) {
      return values.userDelete(owner(key, owner.address()));
    }
  }

  /// Linux lists only what belongs to control groups in this way.
  @Override
  public int nextKey(long key, long to) {
    if (!ofControlGroups()) {
      return Errno.ENOTSUPP.negated();
    }
    try (OwnerKey owner = new OwnerKey()) {
      long at = key == 0 ? 0 : owner(key, owner.address());
      int result = values.nextKey(at, owner.address());
      if (result == 0) {
        Memory.fill(to, spec().keySize(), (byte) 0);
        Memory.putLong(to, Memory.getLong(owner.address()));
      }
      return result;
    }
  }

  private boolean ofControlGroups() {
    return switch (spec().type().orElseThrow()) {
      case CGROUP_STORAGE, PERCPU_CGROUP_STORAGE -> true;
      default -> false;
    };
  }

  @Override
  public boolean readable(long address, int size) {
    return offsetOf(address) >= 0 && values.readable(address, size);
  }

  @Override
  public boolean writable(long address, int size) {
    return values.writable(address, size);
  }

  @Override
  public long offsetOf(long address) {
    return values.offsetOf(address);
  }

  @Override
  protected void abandon() {
    values.abandon();
  }

  @Override
  protected void free() {
    values.free();
  }
}
