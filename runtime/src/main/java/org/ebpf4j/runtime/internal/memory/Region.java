package org.ebpf4j.runtime.internal.memory;

/// A stretch of addresses that a checked run may touch, and how. An access must lie in one region
/// as a whole.
public abstract class Region {

  /// What it is, for messages: `stack`, `map flows`, `packet (60 bytes)`.
  public abstract String describe();

  /// Whether `size` bytes at `address` lie inside, as far as a read is concerned.
  public abstract boolean readable(long address, int size);

  /// Whether `size` bytes at `address` lie inside and may be written.
  public abstract boolean writable(long address, int size);

  /// Loads 1, 2, 4 or 8 bytes, zero-extended, from an address that is [#readable].
  public long load(long address, int size) {
    return switch (size) {
      case 1 -> Memory.getByte(address) & 0xffL;
      case 2 -> Memory.getShort(address) & 0xffffL;
      case 4 -> Memory.getInt(address) & 0xffff_ffffL;
      default -> Memory.getLong(address);
    };
  }

  /// Stores the low 1, 2, 4 or 8 bytes to an address that is [#writable].
  public void store(long address, int size, long value) {
    switch (size) {
      case 1 -> Memory.putByte(address, (byte) value);
      case 2 -> Memory.putShort(address, (short) value);
      case 4 -> Memory.putInt(address, (int) value);
      default -> Memory.putLong(address, value);
    }
  }

  /// Whether the bytes are ordinary memory that helpers may read and write by address; a context is
  /// not.
  public boolean direct() {
    return true;
  }
}
