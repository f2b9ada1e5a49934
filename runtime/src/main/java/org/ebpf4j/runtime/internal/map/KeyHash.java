package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.runtime.internal.memory.Memory;

/// The hash of a key, 32 bits, never 0. Each step multiplies 64 by 64 bits and folds the 128-bit
/// product, so that every bit of the key moves every bit of the hash.
final class KeyHash {
  private static final long A = 0x9e37_79b9_7f4a_7c15L;
  private static final long B = 0xd6e8_feb8_6659_fd93L;

  private final int size;
  private final long seed;

  KeyHash(int size, long seed) {
    this.size = size;
    this.seed = seed ^ B;
  }

  /// The hash of a key of four bytes.
  int of(int key) {
    return narrow(fold(key ^ seed, A));
  }

  int of(long key) {
    long hash =
        switch (size) {
          case 4 -> fold(Memory.getInt(key) ^ seed, A);
          case 8 -> fold(Memory.getLong(key) ^ seed, A);
          case 16 -> fold(Memory.getLong(key) ^ seed, Memory.getLong(key + 8) ^ A);
          default -> any(key);
        };
    return narrow(hash);
  }

  private static int narrow(long hash) {
    int folded = (int) (hash ^ (hash >>> 32));
    return folded == 0 ? 1 : folded;
  }

  private long any(long key) {
    long hash = seed;
    int i = 0;
    for (; i + 8 <= size; i += 8) {
      hash = fold(hash ^ Memory.getLong(key + i), A);
    }
    long rest = size;
    for (; i < size; i++) {
      rest = (rest << 8) | (Memory.getByte(key + i) & 0xff);
    }
    return fold(hash ^ rest, B);
  }

  private static long fold(long a, long b) {
    return Math.unsignedMultiplyHigh(a, b) ^ (a * b);
  }
}
