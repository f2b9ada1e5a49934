package org.ebpf4j.runtime.internal.memory;

/// A stretch of addresses that a checked run may touch, and how. An access must lie in one region
/// as a whole.
public abstract class Region {
  /// A region without memory.
  public static final Region NOTHING = new Nothing();

  /// A stretch of ordinary memory that all may be read of, and how far it may be written, too.
  /// Empty where a region does not say.
  private long stretchStart;

  private long stretchEnd;
  private long writableEnd;

  /// Says that all bytes of a stretch are ordinary memory that may be read, whatever the access. So
  /// they are found without asking [#readable], which costs more than the access.
  protected final void setStretch(long start, long end, boolean writable) {
    stretchStart = start;
    stretchEnd = end;
    writableEnd = writable ? end : start;
  }

  /// Whether an access lies in the stretch.
  public final boolean inStretch(long address, int size) {
    return address >= stretchStart && address <= stretchEnd - size;
  }

  /// Whether a store lies in the stretch and is allowed.
  public final boolean inWritableStretch(long address, int size) {
    return address >= stretchStart && address <= writableEnd - size;
  }

  /// What it is, for messages: `stack`, `map flows`, `packet (60 bytes)`.
  public abstract String describe();

  /// Says of an address that it lies behind the region, for messages.
  ///
  /// @param gap bytes between the two
  public final String pastEnd(long gap) {
    return (gap == 0 ? "just" : gap == 1 ? "1 byte" : gap + " bytes")
        + " past the end of "
        + describe();
  }

  /// Whether `size` bytes at `address` lie inside, as far as a read is concerned.
  public abstract boolean readable(long address, int size);

  /// Whether `size` bytes at `address` lie inside and may be written.
  public abstract boolean writable(long address, int size);

  /// Loads 1, 2, 4 or 8 bytes, zero-extended, from an address that is [#readable].
  public long load(long address, int size) {
    return loadOrdinary(address, size);
  }

  /// Loads from ordinary memory.
  public static long loadOrdinary(long address, int size) {
    return switch (size) {
      case 1 -> Memory.getByte(address) & 0xffL;
      case 2 -> Memory.getShort(address) & 0xffffL;
      case 4 -> Memory.getInt(address) & 0xffff_ffffL;
      default -> Memory.getLong(address);
    };
  }

  /// Stores the low 1, 2, 4 or 8 bytes to an address that is [#writable].
  public void store(long address, int size, long value) {
    storeOrdinary(address, size, value);
  }

  /// Stores to ordinary memory.
  public static void storeOrdinary(long address, int size, long value) {
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

  private static final class Nothing extends Region {
    @Override
    public String describe() {
      return "nothing";
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
}
