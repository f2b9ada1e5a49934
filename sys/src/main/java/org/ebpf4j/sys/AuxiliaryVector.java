package org.ebpf4j.sys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What Linux tells each process about itself, in `/proc/self/auxv` (getauxval(3)): pairs of a key
/// and a value, 8 bytes each.
final class AuxiliaryVector {
  /// `AT_PAGESZ`.
  static final long PAGE_SIZE = 6;

  private AuxiliaryVector() {}

  static Optional<Long> read(long key) {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(Path.of("/proc/self/auxv"));
    } catch (IOException e) {
      return Optional.empty();
    }
    ByteBuffer pairs = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    while (pairs.remaining() >= 2 * Long.BYTES) {
      if (pairs.getLong() == key) {
        return Optional.of(pairs.getLong());
      }
      pairs.getLong();
    }
    return Optional.empty();
  }
}
