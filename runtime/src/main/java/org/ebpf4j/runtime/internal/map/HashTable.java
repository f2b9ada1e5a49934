package org.ebpf4j.runtime.internal.map;

import java.lang.invoke.VarHandle;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.SpinLocks;
import org.ebpf4j.spec.MapSpec;

/// Chains of elements in off-heap buckets. Readers take no lock; writers lock a stripe of buckets.
///
///     buckets: header | u32 first element of bucket 0 | of bucket 1 | …
///     element: s32 next | u32 hash, 0 while it changes hands
///              | s32 its own index; the pool's link while free | u32 referenced
///              | key, rounded up to 8 bytes | value, unless it lies in the pool's planes
///
/// A chain ends with the bucket's own number, complemented. An element that a reader stands on may
/// be freed and linked into another bucket: the reader then arrives at the wrong end and starts
/// again, as with Linux's `hlist_nulls`. That it stood on the right key is checked by its hash,
/// which is 0 from before a new key is written until after.
final class HashTable {
  static final int NEXT = 0;
  static final int HASH = 4;
  static final int REFERENCED = 12;
  static final int KEY = 16;

  private static final int LOCKS = 1024;
  private static final int MAX_ENTRIES = 1 << 29;

  private final int keySize;
  private final int buckets;
  private final Block block;
  private final long heads;
  private final ElementPool pool;
  private final KeyHash hash;
  private final SpinLocks locks;

  HashTable(MapSite site, MapSpec spec, ElementPool pool) {
    this.keySize = spec.keySize();
    this.pool = pool;
    if (spec.maxEntries() < 0 || spec.maxEntries() > MAX_ENTRIES) {
      throw new MapMemoryException(Integer.toUnsignedLong(spec.maxEntries()) * Integer.BYTES);
    }
    // Half full at most, so that chains are short: a step along one is a cache miss.
    this.buckets = Integer.highestOneBit(spec.maxEntries() * 2 - 1) * 2;
    this.block = site.allocate(MapHeader.SIZE + 4L * buckets, 64);
    MapHeader.write(block.address(), spec, site.cpus());
    long seed = site.registry().seed(spec);
    MapHeader.seed(block.address(), seed);
    this.hash = new KeyHash(keySize, seed);
    this.heads = block.address() + MapHeader.SIZE;
    this.locks = new SpinLocks(Math.min(buckets, LOCKS));
    for (int i = 0; i < buckets; i++) {
      Memory.putInt(heads + 4L * i, ~i);
    }
  }

  int hash(long key) {
    return hash.of(key);
  }

  int buckets() {
    return buckets;
  }

  /// The index of the element with this key, or -1.
  int find(long key, int hash) {
    long element = search(key, hash);
    return element == 0 ? -1 : indexOf(element);
  }

  /// The address of the element with this key, or 0.
  ///
  /// A key counts as missing when the walk ended where this bucket ends, and the bucket still
  /// begins where the walk began: who replaces an element links the new one at the front before it
  /// takes the old one out, and a walk in between could pass by both.
  long search(long key, int hash) {
    int bucket = hash & (buckets - 1);
    while (true) {
      int first = Memory.getIntAcquire(heads + 4L * bucket);
      int index = first;
      boolean moved = false;
      while (index >= 0 && !moved) {
        long element = pool.element(index);
        if (sameKey(element + KEY, key)) {
          VarHandle.loadLoadFence();
          if (Memory.getIntAcquire(element + HASH) == hash) {
            return element;
          }
          moved = true;
        } else {
          index = Memory.getIntAcquire(element + NEXT);
        }
      }
      if (!moved && ~index == bucket && Memory.getIntAcquire(heads + 4L * bucket) == first) {
        return 0;
      }
    }
  }

  /// The index of an element in use, by its address.
  static int indexOf(long element) {
    return Memory.getInt(element + ElementPool.LINK);
  }

  /// As [#find], for keys of four bytes.
  int find(int key) {
    int hashed = hash.of(key);
    int bucket = hashed & (buckets - 1);
    while (true) {
      int first = Memory.getIntAcquire(heads + 4L * bucket);
      int index = first;
      while (index >= 0) {
        if (Memory.getInt(keyOf(index)) == key && hashOf(index) == hashed) {
          return index;
        }
        index = next(index);
      }
      if (~index == bucket && Memory.getIntAcquire(heads + 4L * bucket) == first) {
        return -1;
      }
    }
  }

  void lock(int hash) {
    locks.lock(hash & (buckets - 1));
  }

  void unlock(int hash) {
    locks.unlock(hash & (buckets - 1));
  }

  /// Gives an element that is not linked its key. Readers who still stand on it no longer take it
  /// for what it was, so its value may be written from now on.
  void name(int index, long key) {
    long element = pool.element(index);
    Memory.putIntOpaque(element + HASH, 0);
    VarHandle.storeStoreFence();
    Memory.copy(key, element + KEY, keySize);
    Memory.putIntOpaque(element + REFERENCED, 0);
  }

  /// Puts an element, complete now, at the front of its bucket, which is locked.
  void link(int index, int hash) {
    int bucket = hash & (buckets - 1);
    long element = pool.element(index);
    Memory.putIntOpaque(element + ElementPool.LINK, index);
    Memory.putIntRelease(element + HASH, hash);
    Memory.putIntRelease(element + NEXT, Memory.getInt(heads + 4L * bucket));
    Memory.putIntRelease(heads + 4L * bucket, index);
  }

  /// Takes an element out of its bucket, which is locked; `false` if it is not in there.
  boolean unlink(int index, int hash) {
    int bucket = hash & (buckets - 1);
    long link = heads + 4L * bucket;
    int at = Memory.getInt(link);
    while (at >= 0) {
      if (at == index) {
        Memory.putIntRelease(link, Memory.getInt(pool.element(at) + NEXT));
        return true;
      }
      link = pool.element(at) + NEXT;
      at = Memory.getInt(link);
    }
    return false;
  }

  /// The first element of a bucket, or negative.
  int first(int bucket) {
    return Memory.getIntAcquire(heads + 4L * bucket);
  }

  /// The element after this one in its bucket, or negative.
  int next(int index) {
    return Memory.getIntAcquire(pool.element(index) + NEXT);
  }

  long keyOf(int index) {
    return pool.element(index) + KEY;
  }

  int hashOf(int index) {
    return Memory.getIntAcquire(pool.element(index) + HASH);
  }

  /// As [RuntimeMap#nextKey]: in the order of buckets; a key that is gone starts over.
  int nextKey(long key, long to) {
    int bucket = 0;
    if (key != 0) {
      int wanted = hash(key);
      int index = find(key, wanted);
      if (index >= 0) {
        int next = next(index);
        bucket = wanted & (buckets - 1);
        if (next >= 0 && copyKey(next, bucket, to)) {
          return 0;
        }
        bucket++;
      }
    }
    for (; bucket < buckets; bucket++) {
      int first = first(bucket);
      while (first >= 0 && !copyKey(first, bucket, to)) {
        first = first(bucket);
      }
      if (first >= 0) {
        return 0;
      }
    }
    return Errno.ENOENT.negated();
  }

  /// Copies an element's key out; `false` if the element left the bucket meanwhile.
  private boolean copyKey(int index, int bucket, long to) {
    int before = hashOf(index);
    if (before == 0 || (before & (buckets - 1)) != bucket) {
      return false;
    }
    Memory.copy(keyOf(index), to, keySize);
    VarHandle.loadLoadFence();
    return hashOf(index) == before;
  }

  void free() {
    block.free();
  }

  private boolean sameKey(long a, long b) {
    return switch (keySize) {
      case 4 -> Memory.getInt(a) == Memory.getInt(b);
      case 8 -> Memory.getLong(a) == Memory.getLong(b);
      case 16 ->
          Memory.getLong(a) == Memory.getLong(b) && Memory.getLong(a + 8) == Memory.getLong(b + 8);
      default -> Memory.equal(a, b, keySize);
    };
  }
}
