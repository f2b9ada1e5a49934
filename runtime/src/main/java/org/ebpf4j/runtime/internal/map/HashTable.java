package org.ebpf4j.runtime.internal.map;

import java.lang.invoke.VarHandle;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Backoff;
import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.CpuBias;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// Chains of elements in off-heap buckets. Readers take no lock; writers lock the bucket, or have
/// the [CpuBias] of the table.
///
///     buckets: header | u64 bucket 0 | bucket 1 | …
///     bucket:  bits 0 to 31 the first element | bit 32 locked | bits 33 to 63 a count of changes
///     element: s32 next | u32 hash, 0 while it changes hands
///              | s32 its own index; the pool's link while free | u32 referenced
///              | key, filled up with zeros to 8 bytes | value, unless it lies in the pool's planes
///
/// A chain ends with the bucket's own number, complemented. An element that a reader stands on may
/// be freed and linked somewhere else. That it stood on the right key is checked by the element's
/// hash, which is 0 from before a new key is written until after. That a key is missing holds if
/// the walk ended where this bucket ends, and nothing in the bucket changed meanwhile: else it
/// begins again. A change of a chain is one store, so a reader sees the chain before or after.
final class HashTable {
  static final int NEXT = 0;
  static final int HASH = 4;
  static final int REFERENCED = 12;
  static final int KEY = 16;

  /// What an update comes to whose key was changed by others: it has to begin again. No errno.
  static final int CHANGED = Integer.MIN_VALUE;

  private static final int MAX_ENTRIES = 1 << 29;
  private static final long FIRST = 0xffff_ffffL;
  private static final long LOCKED = 1L << 32;
  private static final long CHANGE = 1L << 33;

  private final KeyWords words;
  private final int buckets;
  private final Block block;
  private final long heads;
  private final ElementPool pool;
  private final KeyHash hash;
  private final HashWalk walk;
  private final CpuBias bias;

  HashTable(MapSite site, MapSpec spec, ElementPool pool) {
    this.pool = pool;
    if (spec.maxEntries() < 0 || spec.maxEntries() > MAX_ENTRIES) {
      throw new MapMemoryException(Integer.toUnsignedLong(spec.maxEntries()) * Long.BYTES);
    }
    // Half full at most, so that chains are short: a step along one is a cache miss.
    this.buckets = Integer.highestOneBit(spec.maxEntries() * 2 - 1) * 2;
    this.block = site.allocate(MapHeader.SIZE + (long) Long.BYTES * buckets, 64);
    MapHeader.write(block.address(), spec, site.cpus());
    long seed = site.registry().seed(spec);
    MapHeader.seed(block.address(), seed);
    this.hash = KeyHash.of(spec.keySize(), seed);
    this.words = hash.words();
    this.heads = block.address() + MapHeader.SIZE;
    this.walk = new HashWalk(hash, heads, buckets - 1, pool, pool.onlyBase(), pool.stride());
    this.bias = new CpuBias(site.cpus());
    for (int i = 0; i < buckets; i++) {
      Memory.putLong(bucket(i), ~i & FIRST);
    }
  }

  /// How it is searched with a key in words.
  HashWalk walk() {
    return walk;
  }

  int hash(long key) {
    return hash.of(key);
  }

  int buckets() {
    return buckets;
  }

  /// The address of a bucket, by a number of which the lower bits count.
  private long bucket(int number) {
    return heads + (long) Long.BYTES * (number & (buckets - 1));
  }

  // ---- readers

  /// The address of the element with this key, or 0. Others may change the key meanwhile: then it
  /// is one of those that it was.
  long search(long key) {
    while (true) {
      int hashed = hash.of(key);
      long at = bucket(hashed);
      long seen = Memory.getLongAcquire(at);
      int index = (int) seen;
      boolean moved = false;
      while (index >= 0 && !moved) {
        long element = pool.element(index);
        if (words.same(element + KEY, key)) {
          VarHandle.loadLoadFence();
          if (Memory.getIntAcquire(element + HASH) == hashed) {
            return element;
          }
          moved = true;
        } else {
          index = Memory.getIntAcquire(element + NEXT);
        }
      }
      if (!moved && walk.isEnd(index, at, seen)) {
        return 0;
      }
    }
  }

  /// Whether a key of four bytes is there.
  boolean has(int key) {
    long word = KeyWords.ofInt(key);
    return walk.search(hash.of(word, 0, 0, 0, 0), word, 0, 0, 0, 0) != 0;
  }

  /// The index of an element in use, by its address.
  static int indexOf(long element) {
    return Memory.getInt(element + ElementPool.LINK);
  }

  /// The first element of a bucket, or negative.
  int first(int bucket) {
    return (int) Memory.getLongAcquire(bucket(bucket));
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
      long element = search(key);
      if (element != 0) {
        bucket = hash(key) & (buckets - 1);
        int next = Memory.getIntAcquire(element + NEXT);
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
    Memory.copy(keyOf(index), to, words.size());
    VarHandle.loadLoadFence();
    return hashOf(index) == before;
  }

  // ---- writers

  /// Locks the bucket of a hash, and gives its content, which the methods below take and change and
  /// [#unlock] puts back.
  ///
  /// @param cpu that the caller owns, or [SpareElements#NO_CPU]
  long lock(int hash, int cpu) {
    return lockAt(bucket(hash), cpu);
  }

  /// As [#lock], by the address of the bucket.
  long lockAt(long bucket, int cpu) {
    return bias.enter(cpu) ? enter(bucket) : compete(bucket, cpu);
  }

  /// With the bias, which whoever locked the bucket before does not know of.
  private static long enter(long at) {
    int tries = 0;
    while (true) {
      long seen = Memory.getLongAcquire(at);
      if ((seen & LOCKED) == 0) {
        return seen;
      }
      tries = Backoff.pause(tries);
    }
  }

  private long compete(long at, int cpu) {
    int tries = 0;
    while (true) {
      long seen = Memory.getLongOpaque(at);
      if ((seen & LOCKED) == 0 && Memory.compareAndSetLong(at, seen, seen | LOCKED)) {
        // Whoever had the bias until just now may have written over the lock.
        if (bias.isFree() && Memory.getLongAcquire(at) == (seen | LOCKED)) {
          bias.count(cpu);
          return seen | LOCKED;
        }
        // Given back, unless it is gone together with what it was taken from.
        Memory.compareAndSetLong(at, seen | LOCKED, seen);
        bias.revoke();
      } else {
        tries = Backoff.pause(tries);
      }
    }
  }

  /// Shows what was changed, and lets others in.
  ///
  /// @param bucket its content
  /// @param cpu as it was locked with
  void unlock(int hash, long bucket, int cpu) {
    unlockAt(bucket(hash), bucket, cpu);
  }

  /// As [#unlock], by the address of the bucket.
  void unlockAt(long at, long bucket, int cpu) {
    Memory.putLongRelease(at, (bucket & ~LOCKED) + CHANGE);
    if ((bucket & LOCKED) == 0) {
      bias.exit(cpu);
    }
  }

  /// The index of the element with this key in a bucket that is locked, or negative.
  int find(long bucket, int hash, long key) {
    int index = (int) bucket;
    while (index >= 0) {
      long element = pool.element(index);
      if (Memory.getInt(element + HASH) == hash && words.same(element + KEY, key)) {
        return index;
      }
      index = Memory.getInt(element + NEXT);
    }
    return index;
  }

  /// Gives an element that is not linked its key. Readers who still stand on it no longer take it
  /// for what it was, so its value may be written from now on.
  ///
  /// @param hashed the hash of the key as it was
  /// @param bucket its bucket, which is locked
  /// @param old the element with the key as it was when it was looked for, or negative
  /// @return `false` if others have changed the key since: the element must not be linked then
  boolean name(int index, long key, int hashed, long bucket, int old) {
    long element = pool.element(index);
    Memory.putIntOpaque(element + HASH, 0);
    VarHandle.storeStoreFence();
    Memory.putIntOpaque(element + REFERENCED, 0);
    words.copy(key, element + KEY);
    return hash.of(element + KEY) == hashed
        && (old >= 0 || find(bucket, hashed, element + KEY) < 0);
  }

  /// Puts an element, complete now, at the front of a bucket that is locked.
  long link(long bucket, int index, int hash) {
    Memory.putIntsRelease(pool.element(index) + NEXT, (int) bucket, hash);
    return withFirst(bucket, index);
  }

  /// Puts an element, complete now, in the place of another one of a bucket that is locked.
  long replace(long bucket, int old, int index, int hash) {
    int next = Memory.getInt(pool.element(old) + NEXT);
    Memory.putIntsRelease(pool.element(index) + NEXT, next, hash);
    return relink(bucket, old, index);
  }

  /// Takes an element out of its bucket, which is locked.
  long unlink(long bucket, int old) {
    return relink(bucket, old, Memory.getInt(pool.element(old) + NEXT));
  }

  /// Lets what leads to an element lead to another one.
  private long relink(long bucket, int old, int index) {
    if ((int) bucket == old) {
      return withFirst(bucket, index);
    }
    relinkBehind((int) bucket, old, index);
    return bucket;
  }

  private void relinkBehind(int first, int old, int index) {
    long link = pool.element(first) + NEXT;
    for (int at = Memory.getInt(link); at != old; at = Memory.getInt(link)) {
      link = pool.element(at) + NEXT;
    }
    Memory.putIntRelease(link, index);
  }

  /// Whether an element is in a bucket that is locked.
  boolean contains(long bucket, int wanted) {
    int at = (int) bucket;
    while (at >= 0 && at != wanted) {
      at = Memory.getInt(pool.element(at) + NEXT);
    }
    return at == wanted;
  }

  private static long withFirst(long bucket, int index) {
    return (bucket & ~FIRST) | (index & FIRST);
  }

  void free() {
    block.free();
  }
}
