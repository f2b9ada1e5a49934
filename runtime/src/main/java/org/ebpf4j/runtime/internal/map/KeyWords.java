package org.ebpf4j.runtime.internal.map;

import java.nio.ByteOrder;
import org.ebpf4j.runtime.internal.memory.Memory;

/// Keys of one size as words of eight bytes, as they lie in memory; the last is filled up with
/// zeros. A key of [#MOST] words or fewer can be handed around as its words, which compiled
/// programs have in registers; those that it does not have are 0.
///
/// @param size bytes in a key
/// @param count words in a key
record KeyWords(int size, int count) {
  /// Words that a key has at most to be handed around by them.
  static final int MOST = 5;

  private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  static KeyWords of(int size) {
    return new KeyWords(size, (size + Long.BYTES - 1) / Long.BYTES);
  }

  /// A word of a key in memory.
  long word(long key, int number) {
    long at = key + 8L * number;
    int left = size - 8 * number;
    return left >= Long.BYTES ? Memory.getLong(at) : left > 0 ? part(at, left) : 0;
  }

  private static long part(long at, int bytes) {
    if (bytes == Integer.BYTES) {
      return ofInt(Memory.getInt(at));
    }
    long word = 0;
    for (int i = 0; i < bytes; i++) {
      long value = Memory.getByte(at + i) & 0xffL;
      word |= LITTLE_ENDIAN ? value << (8 * i) : value << (56 - 8 * i);
    }
    return word;
  }

  /// The only word of a key of four bytes.
  static long ofInt(int key) {
    long word = Integer.toUnsignedLong(key);
    return LITTLE_ENDIAN ? word : word << 32;
  }

  /// Whether a key in memory, filled up with zeros, has these words.
  boolean same(long stored, long a, long b, long c, long d, long e) {
    return Memory.getLong(stored) == a
        && (count < 2 || Memory.getLong(stored + 8) == b)
        && (count < 3 || Memory.getLong(stored + 16) == c)
        && (count < 4 || Memory.getLong(stored + 24) == d)
        && (count < 5 || Memory.getLong(stored + 32) == e);
  }

  /// Writes a key, filled up with zeros.
  void put(long to, long a, long b, long c, long d, long e) {
    Memory.putLong(to, a);
    if (count > 1) {
      Memory.putLong(to + 8, b);
    }
    if (count > 2) {
      Memory.putLong(to + 16, c);
    }
    if (count > 3) {
      Memory.putLong(to + 24, d);
    }
    if (count > 4) {
      Memory.putLong(to + 32, e);
    }
  }

  /// Whether a key in memory, filled up with zeros, is the same as another one.
  boolean same(long stored, long key) {
    return switch (size) {
      case 4 -> Memory.getInt(stored) == Memory.getInt(key);
      case 8 -> Memory.getLong(stored) == Memory.getLong(key);
      case 16 ->
          Memory.getLong(stored) == Memory.getLong(key)
              && Memory.getLong(stored + 8) == Memory.getLong(key + 8);
      default -> Memory.equal(stored, key, size);
    };
  }

  /// Copies a key, and fills it up with zeros.
  void copy(long key, long to) {
    for (int i = 0; i < count; i++) {
      Memory.putLong(to + 8L * i, word(key, i));
    }
  }
}
