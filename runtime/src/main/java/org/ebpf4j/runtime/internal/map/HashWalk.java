package org.ebpf4j.runtime.internal.map;

import java.lang.invoke.VarHandle;
import org.ebpf4j.runtime.internal.memory.Memory;

/// How a [HashTable] is searched for a key that is handed around by its words. All of it is
/// constant to HotSpot where the record is.
///
/// @param buckets the address of the first bucket
/// @param mask of the bits of a hash that number its bucket
/// @param base the address of the first element, if one chunk holds all; else 0
/// @param stride bytes from an element to the next
record HashWalk(KeyHash hash, long buckets, int mask, ElementPool pool, long base, long stride) {

  /// The address of the bucket of a hash.
  long bucket(int number) {
    return buckets + (long) Long.BYTES * (number & mask);
  }

  /// The address of an element.
  long element(int index) {
    return base != 0 ? base + index * stride : pool.element(index);
  }

  /// As [HashTable#search].
  long search(int hashed, long a, long b, long c, long d, long e) {
    long at = bucket(hashed);
    while (true) {
      long seen = Memory.getLongAcquire(at);
      int index = (int) seen;
      boolean moved = false;
      while (index >= 0 && !moved) {
        long element = element(index);
        if (hash.words().same(element + HashTable.KEY, a, b, c, d, e)) {
          VarHandle.loadLoadFence();
          if (Memory.getIntAcquire(element + HashTable.HASH) == hashed) {
            return element;
          }
          moved = true;
        } else {
          index = Memory.getIntAcquire(element + HashTable.NEXT);
        }
      }
      if (!moved && isEnd(index, at, seen)) {
        return 0;
      }
    }
  }

  /// Whether the end of a chain is that of the bucket, in which nothing has changed.
  boolean isEnd(int index, long bucket, long seen) {
    VarHandle.loadLoadFence();
    return bucket(~index) == bucket && Memory.getLongAcquire(bucket) == seen;
  }

  /// The index of the element with this key in a bucket that is locked, or negative.
  int find(long bucket, long a, long b, long c, long d, long e) {
    int index = (int) bucket;
    while (index >= 0) {
      long element = element(index);
      if (hash.words().same(element + HashTable.KEY, a, b, c, d, e)) {
        return index;
      }
      index = Memory.getInt(element + HashTable.NEXT);
    }
    return index;
  }
}
