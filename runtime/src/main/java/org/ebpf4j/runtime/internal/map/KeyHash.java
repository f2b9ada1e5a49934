package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.runtime.internal.memory.Memory;

/// The hash of a key, 32 bits, never 0. Each step multiplies two words and folds the 128-bit
/// product, so that every bit of the key moves every bit of the hash.
///
/// Whoever picks keys, such as the sender of packets, does not know the map's seed. Both factors
/// depend on it: with a known one, a word of the key could be chosen that makes it 0, and all keys
/// with that word would have one hash.
///
/// @param first what the first factor is mixed with
/// @param second what the second is mixed with
record KeyHash(KeyWords words, long first, long second) {
  private static final long A = 0x9e37_79b9_7f4a_7c15L;
  private static final long B = 0xd6e8_feb8_6659_fd93L;

  static KeyHash of(int size, long seed) {
    long first = seed ^ B;
    return new KeyHash(KeyWords.of(size), first, fold(first, A) | 1);
  }

  /// The hash of a key in memory.
  int of(long key) {
    return narrow(
        switch (words.size()) {
          case 4 -> step(0, KeyWords.ofInt(Memory.getInt(key)), 0);
          case 8 -> step(0, Memory.getLong(key), 0);
          case 16 -> step(0, Memory.getLong(key), Memory.getLong(key + 8));
          default -> any(key);
        });
  }

  private long any(long key) {
    long hash = 0;
    for (int i = 0; i < words.count(); i += 2) {
      hash = step(hash, words.word(key, i), words.word(key, i + 1));
    }
    return hash;
  }

  /// The hash of a key by its words, [KeyWords#MOST] at most.
  int of(long a, long b, long c, long d, long e) {
    int count = words.count();
    long hash = step(0, a, b);
    if (count > 2) {
      hash = step(hash, c, d);
    }
    if (count > 4) {
      hash = step(hash, e, 0);
    }
    return narrow(hash);
  }

  private long step(long hash, long a, long b) {
    return fold(hash ^ a ^ first, b ^ second);
  }

  private static int narrow(long hash) {
    int folded = (int) (hash ^ (hash >>> 32));
    return folded == 0 ? 1 : folded;
  }

  private static long fold(long a, long b) {
    return Math.unsignedMultiplyHigh(a, b) ^ (a * b);
  }
}
