package org.ebpf4j.runtime.internal.map;

import java.util.concurrent.atomic.AtomicInteger;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.SpinLocks;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_STACK_TRACE`: stacks by the number that `bpf_get_stackid` gave for them, which is
/// their hash's bucket.
///
///     header | bucket 0 | bucket 1 | …
///     bucket  u32 frames, plus 1; 0 when empty | u32 hash | frames
///     frame   u64 address; with BPF_F_STACK_BUILD_ID: s32 status | 20 bytes | u64 address
///
/// Source: Linux 6.18's `kernel/bpf/stackmap.c`.
public final class StackTraceMap extends RuntimeMap {
  /// `BPF_F_SKIP_FIELD_MASK`.
  public static final long SKIP = 0xff;

  /// `BPF_F_USER_STACK`.
  public static final long USER = 1 << 8;

  /// `BPF_F_FAST_STACK_CMP`.
  public static final long FAST_COMPARE = 1 << 9;

  /// `BPF_F_REUSE_STACKID`.
  public static final long REUSE = 1 << 10;

  private static final int FRAMES = 8;
  private static final int BUILD_ID_STATUS_IP = 2;
  private static final int LOCKS = 64;

  private final Block block;
  private final long base;
  private final int buckets;
  private final int stride;
  private final boolean buildIds;
  private final int frameSize;
  private final SpinLocks locks;
  private final AtomicInteger used = new AtomicInteger();

  StackTraceMap(MapSpec spec, MapSite site) {
    super(spec, site);
    this.buckets = Integer.highestOneBit(spec.maxEntries() * 2 - 1);
    this.buildIds = (spec.flags() & MapFlags.STACK_BUILD_ID) != 0;
    this.frameSize = buildIds ? 32 : Long.BYTES;
    this.stride = FRAMES + spec.valueSize();
    if (buckets <= 0) {
      throw new MapMemoryException(Integer.toUnsignedLong(spec.maxEntries()) * stride);
    }
    this.block = site.allocate(MapHeader.SIZE + (long) buckets * stride, 64);
    MapHeader.write(block.address(), spec, site.cpus());
    this.base = block.address() + MapHeader.SIZE;
    this.locks = new SpinLocks(Math.min(buckets, LOCKS));
  }

  /// `bpf_get_stackid` once the stack is known: the number of the stack, stored if it was not
  /// there.
  ///
  /// @param frames address of `count` addresses of 8 bytes, innermost first
  /// @param flags [#SKIP] frames to leave out, [#USER] (for the caller to heed), [#FAST_COMPARE],
  ///   [#REUSE]
  /// @return the number; `EINVAL` for flags, `EFAULT` if all frames are skipped, `EEXIST` if
  ///   another stack has the bucket, `ENOMEM` if the map is full
  public int put(long frames, int count, long flags) {
    if ((flags & ~(SKIP | USER | FAST_COMPARE | REUSE)) != 0) {
      return Errno.EINVAL.negated();
    }
    int skip = (int) (flags & SKIP);
    if (count <= skip) {
      return Errno.EFAULT.negated();
    }
    int kept = Math.min(count - skip, spec().valueSize() / frameSize);
    long first = frames + 8L * skip;
    int hash = KeyHash.of(kept * 8, 0).of(first);
    int id = hash & (buckets - 1);
    locks.lock(id);
    try {
      return store(base + (long) id * stride, id, hash, first, kept, flags);
    } finally {
      locks.unlock(id);
    }
  }

  private int store(long bucket, int id, int hash, long first, int kept, long flags) {
    boolean taken = Memory.getInt(bucket) != 0;
    boolean sameHash = taken && Memory.getInt(bucket + 4) == hash;
    if (sameHash && ((flags & FAST_COMPARE) != 0 || same(bucket, first, kept))) {
      return id;
    }
    if (taken && (flags & REUSE) == 0) {
      return Errno.EEXIST.negated();
    }
    if (!taken && used.incrementAndGet() > spec().maxEntries()) {
      used.decrementAndGet();
      return Errno.ENOMEM.negated();
    }
    Memory.fill(bucket + FRAMES, spec().valueSize(), (byte) 0);
    for (int i = 0; i < kept; i++) {
      long frame = bucket + FRAMES + (long) i * frameSize;
      if (buildIds) {
        Memory.putInt(frame, BUILD_ID_STATUS_IP);
      }
      Memory.putLong(frame + frameSize - 8, Memory.getLong(first + 8L * i));
    }
    Memory.putInt(bucket + 4, hash);
    Memory.putInt(bucket, kept + 1);
    return id;
  }

  private boolean same(long bucket, long first, int kept) {
    if (Memory.getInt(bucket) != kept + 1) {
      return false;
    }
    for (int i = 0; i < kept; i++) {
      long frame = bucket + FRAMES + (long) i * frameSize;
      if (Memory.getLong(frame + frameSize - 8) != Memory.getLong(first + 8L * i)) {
        return false;
      }
    }
    return true;
  }

  /// The address of the bucket that a key names, or 0.
  private long bucket(int id) {
    return Integer.compareUnsigned(id, buckets) < 0 ? base + (long) id * stride : 0;
  }

  private boolean taken(int id) {
    return Memory.getIntAcquire(base + (long) id * stride) != 0;
  }

  @Override
  public int update(long key, long value, long flags, int cpu) {
    return Errno.EINVAL.negated();
  }

  @Override
  public int delete(long key, int cpu) {
    int id = Memory.getInt(key);
    long bucket = bucket(id);
    if (bucket == 0) {
      return Errno.E2BIG.negated();
    }
    locks.lock(id);
    try {
      if (Memory.getInt(bucket) == 0) {
        return Errno.ENOENT.negated();
      }
      Memory.putInt(bucket, 0);
      used.decrementAndGet();
      return 0;
    } finally {
      locks.unlock(id);
    }
  }

  @Override
  public int userLookup(long key, long to, long flags) {
    int id = Memory.getInt(key);
    long bucket = bucket(id);
    if (bucket == 0) {
      return Errno.ENOENT.negated();
    }
    locks.lock(id);
    try {
      if (Memory.getInt(bucket) == 0) {
        return Errno.ENOENT.negated();
      }
      Memory.copy(bucket + FRAMES, to, spec().valueSize());
      return 0;
    } finally {
      locks.unlock(id);
    }
  }

  @Override
  public int nextKey(long key, long to) {
    int id = key == 0 ? -1 : Memory.getInt(key);
    boolean there = Integer.compareUnsigned(id, buckets) < 0 && taken(id);
    for (int next = there ? id + 1 : 0; next < buckets; next++) {
      if (taken(next)) {
        Memory.putInt(to, next);
        return 0;
      }
    }
    return Errno.ENOENT.negated();
  }

  @Override
  protected void free() {
    block.free();
  }

  @Override
  public boolean readable(long address, int size) {
    return false;
  }

  @Override
  public boolean writable(long address, int size) {
    return false;
  }
}
