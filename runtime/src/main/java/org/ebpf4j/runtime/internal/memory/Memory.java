package org.ebpf4j.runtime.internal.memory;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Raw memory by address: the whole address space as one segment. Whoever calls this has checked,
/// or knows, that the address is good: nothing here does.
///
/// Stack, context and packet are plain memory. Map values are shared between threads and are
/// accessed at least opaquely, which keeps each aligned access of up to eight bytes whole.
public final class Memory {
  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();

  private Memory() {}

  /// The whole address space.
  public static MemorySegment all() {
    return ALL;
  }

  /// The bytes at an address as a segment, without lifetime or owner.
  public static MemorySegment segment(long address, long size) {
    return ALL.asSlice(address, size);
  }

  public static byte getByte(long address) {
    return ALL.get(JAVA_BYTE, address);
  }

  public static short getShort(long address) {
    return ALL.get(JAVA_SHORT_UNALIGNED, address);
  }

  public static int getInt(long address) {
    return ALL.get(JAVA_INT_UNALIGNED, address);
  }

  public static long getLong(long address) {
    return ALL.get(JAVA_LONG_UNALIGNED, address);
  }

  public static void putByte(long address, byte value) {
    ALL.set(JAVA_BYTE, address, value);
  }

  public static void putShort(long address, short value) {
    ALL.set(JAVA_SHORT_UNALIGNED, address, value);
  }

  public static void putInt(long address, int value) {
    ALL.set(JAVA_INT_UNALIGNED, address, value);
  }

  public static void putLong(long address, long value) {
    ALL.set(JAVA_LONG_UNALIGNED, address, value);
  }

  /// An aligned load of all bytes at once.
  public static int getIntOpaque(long address) {
    return (int) INT.getOpaque(ALL, address);
  }

  /// An aligned load of all bytes at once.
  public static long getLongOpaque(long address) {
    return (long) LONG.getOpaque(ALL, address);
  }

  /// An aligned store of all bytes at once.
  public static void putIntOpaque(long address, int value) {
    INT.setOpaque(ALL, address, value);
  }

  /// An aligned store of all bytes at once.
  public static void putLongOpaque(long address, long value) {
    LONG.setOpaque(ALL, address, value);
  }

  /// An aligned load that no later access is seen before.
  public static int getIntAcquire(long address) {
    return (int) INT.getAcquire(ALL, address);
  }

  /// An aligned load that no later access is seen before.
  public static long getLongAcquire(long address) {
    return (long) LONG.getAcquire(ALL, address);
  }

  /// An aligned store that no earlier access is seen after.
  public static void putIntRelease(long address, int value) {
    INT.setRelease(ALL, address, value);
  }

  /// An aligned store that no earlier access is seen after.
  public static void putLongRelease(long address, long value) {
    LONG.setRelease(ALL, address, value);
  }

  /// Two ints side by side, stored at once at a multiple of 8; no earlier access is seen after.
  public static void putIntsRelease(long address, int first, int second) {
    putLongRelease(address, LITTLE_ENDIAN ? pair(second, first) : pair(first, second));
  }

  private static long pair(int upper, int lower) {
    return ((long) upper << 32) | (lower & 0xffff_ffffL);
  }

  public static boolean compareAndSetInt(long address, int expected, int value) {
    return INT.compareAndSet(ALL, address, expected, value);
  }

  public static boolean compareAndSetLong(long address, long expected, long value) {
    return LONG.compareAndSet(ALL, address, expected, value);
  }

  public static int compareAndExchangeInt(long address, int expected, int value) {
    return (int) INT.compareAndExchange(ALL, address, expected, value);
  }

  public static long compareAndExchangeLong(long address, long expected, long value) {
    return (long) LONG.compareAndExchange(ALL, address, expected, value);
  }

  public static int getAndAddInt(long address, int value) {
    return (int) INT.getAndAdd(ALL, address, value);
  }

  public static long getAndAddLong(long address, long value) {
    return (long) LONG.getAndAdd(ALL, address, value);
  }

  public static int getAndSetInt(long address, int value) {
    return (int) INT.getAndSet(ALL, address, value);
  }

  public static long getAndSetLong(long address, long value) {
    return (long) LONG.getAndSet(ALL, address, value);
  }

  public static int getAndOrInt(long address, int value) {
    return (int) INT.getAndBitwiseOr(ALL, address, value);
  }

  public static long getAndOrLong(long address, long value) {
    return (long) LONG.getAndBitwiseOr(ALL, address, value);
  }

  public static int getAndAndInt(long address, int value) {
    return (int) INT.getAndBitwiseAnd(ALL, address, value);
  }

  public static long getAndAndLong(long address, long value) {
    return (long) LONG.getAndBitwiseAnd(ALL, address, value);
  }

  public static int getAndXorInt(long address, int value) {
    return (int) INT.getAndBitwiseXor(ALL, address, value);
  }

  public static long getAndXorLong(long address, long value) {
    return (long) LONG.getAndBitwiseXor(ALL, address, value);
  }

  /// Copies bytes; the ranges may overlap. For none, the addresses may be any numbers: programs may
  /// give a helper such memory.
  public static void copy(long from, long to, long size) {
    if (size != 0) {
      MemorySegment.copy(ALL, from, ALL, to, size);
    }
  }

  /// Copies bytes out of an array; none to any address.
  public static void copy(byte[] from, int offset, long to, int size) {
    if (size != 0) {
      MemorySegment.copy(from, offset, ALL, JAVA_BYTE, to, size);
    }
  }

  /// Copies bytes into an array; none from any address.
  public static void copy(long from, byte[] to, int offset, int size) {
    if (size != 0) {
      MemorySegment.copy(ALL, JAVA_BYTE, from, to, offset, size);
    }
  }

  /// A copy of bytes.
  public static byte[] bytes(long address, int size) {
    byte[] bytes = new byte[size];
    copy(address, bytes, 0, size);
    return bytes;
  }

  /// Fills bytes; none at any address.
  public static void fill(long address, long size, byte value) {
    if (size != 0) {
      segment(address, size).fill(value);
    }
  }

  /// Whether two ranges hold the same bytes.
  public static boolean equal(long a, long b, int size) {
    int i = 0;
    for (; i + 8 <= size; i += 8) {
      if (getLong(a + i) != getLong(b + i)) {
        return false;
      }
    }
    if (i + 4 <= size) {
      if (getInt(a + i) != getInt(b + i)) {
        return false;
      }
      i += 4;
    }
    for (; i < size; i++) {
      if (getByte(a + i) != getByte(b + i)) {
        return false;
      }
    }
    return true;
  }
}
