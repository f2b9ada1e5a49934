package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// An array of targets for packets, each there or not. Programs read entries and never write them.
///
///     header | entry 0 | entry 1 | …
///     entry   u32 the target | u32 the number of its program, 0 | u32 1 if it is there | u32 0
abstract class TargetArray extends IndexedMap {
  private static final int PRESENT = 8;
  private static final int STRIDE = 16;

  private final Block block;
  private final long base;
  private final long bytes;

  TargetArray(MapSpec spec, MapSite site) {
    super(spec.withFlags(spec.flags() | MapFlags.RDONLY_PROG), site);
    this.bytes = STRIDE * Integer.toUnsignedLong(spec.maxEntries());
    this.block = site.allocate(MapHeader.SIZE + bytes, 64);
    MapHeader.write(block.address(), spec(), site.cpus());
    this.base = block.address() + MapHeader.SIZE;
  }

  /// 0, or the errno with which a target is refused.
  ///
  /// @param there whether there is a target at the index now
  abstract int checkTarget(int index, int target, long flags, boolean there);

  /// Whether storing this target is the same as deleting the entry.
  abstract boolean isNone(int target);

  @Override
  final long at(int index, int cpu) {
    return base + (long) index * STRIDE;
  }

  private boolean there(int index) {
    return Memory.getIntAcquire(at(index, 0) + PRESENT) != 0;
  }

  /// Whether there is a target at a key.
  public final boolean hasTarget(int key) {
    return Integer.compareUnsigned(key, length()) < 0 && there(key);
  }

  @Override
  public final long lookup(long key, int cpu) {
    int index = index(key);
    return index >= 0 && there(index) ? at(index, cpu) : 0;
  }

  @Override
  public final int update(long key, long value, long flags, int cpu) {
    if (Long.compareUnsigned(flags, MapFlags.EXIST) > 0) {
      return Errno.EINVAL.negated();
    }
    int index = index(key);
    if (index < 0) {
      return Errno.E2BIG.negated();
    }
    int target = Memory.getInt(value);
    // A program for the target's side is given by file descriptor, of which this host has none.
    boolean program = spec().valueSize() > 4 && Memory.getInt(value + 4) > 0;
    int refusal =
        program ? Errno.EINVAL.negated() : checkTarget(index, target, flags, there(index));
    if (refusal == 0) {
      Memory.putIntOpaque(at(index, 0), target);
      Memory.putIntRelease(at(index, 0) + PRESENT, isNone(target) ? 0 : 1);
    }
    return refusal;
  }

  @Override
  public final int delete(long key, int cpu) {
    int index = index(key);
    if (index < 0) {
      return Errno.EINVAL.negated();
    }
    Memory.putIntRelease(at(index, 0) + PRESENT, 0);
    return 0;
  }

  @Override
  public final int userLookup(long key, long to, long flags) {
    long entry = lookup(key, 0);
    if (entry == 0) {
      return Errno.ENOENT.negated();
    }
    Memory.copy(entry, to, spec().valueSize());
    return 0;
  }

  @Override
  public final boolean readable(long address, int size) {
    long distance = address - base;
    return Long.compareUnsigned(distance, bytes) < 0
        && distance % STRIDE + size <= spec().valueSize();
  }

  @Override
  public final boolean writable(long address, int size) {
    return false;
  }

  @Override
  protected final void free() {
    block.free();
  }
}
