package org.ebpf4j.runtime.internal.memory;

/// Memory that several threads access at once, such as values in maps: accesses that are aligned
/// are whole.
public final class SharedMemory {
  private SharedMemory() {}

  /// Loads 1, 2, 4 or 8 bytes, zero-extended.
  public static long load(long address, int size) {
    return switch (size) {
      case 1 -> Memory.getByte(address) & 0xffL;
      case 2 -> Memory.getShort(address) & 0xffffL;
      case 4 ->
          (address & 3) == 0
              ? Memory.getIntOpaque(address) & 0xffff_ffffL
              : Memory.getInt(address) & 0xffff_ffffL;
      default -> (address & 7) == 0 ? Memory.getLongOpaque(address) : Memory.getLong(address);
    };
  }

  /// Stores the low 1, 2, 4 or 8 bytes.
  public static void store(long address, int size, long value) {
    switch (size) {
      case 1 -> Memory.putByte(address, (byte) value);
      case 2 -> Memory.putShort(address, (short) value);
      case 4 -> {
        if ((address & 3) == 0) {
          Memory.putIntOpaque(address, (int) value);
        } else {
          Memory.putInt(address, (int) value);
        }
      }
      default -> {
        if ((address & 7) == 0) {
          Memory.putLongOpaque(address, value);
        } else {
          Memory.putLong(address, value);
        }
      }
    }
  }
}
