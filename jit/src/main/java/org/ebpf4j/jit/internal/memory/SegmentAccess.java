package org.ebpf4j.jit.internal.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import org.ebpf4j.runtime.internal.memory.Memory;

/// Loads and stores through the segment that is the whole address space, as compiled code calls
/// them.
///
/// Each is a method of its own, and keeps its segment in a local, because of HotSpot's limits. An
/// access through a segment is some thirty methods inside one another. The quick compiler, C1,
/// would draw all of them into a method with hundreds of accesses, take long, and fail; it leaves a
/// method alone that needs more than 5 words for operands and locals (`C1InlineStackLimit`), and
/// then calls this one. The other compiler, C2, draws in what has at most 35 bytes, wherever it is
/// called from (`MaxInlineSize`). JVM code that was not compiled yet calls it, too, and it soon is.
public final class SegmentAccess {
  private static final MemorySegment ALL = Memory.all();
  private static final VarHandle BYTE = ValueLayout.JAVA_BYTE.varHandle();
  private static final VarHandle SHORT = ValueLayout.JAVA_SHORT.varHandle();
  private static final VarHandle INT = ValueLayout.JAVA_INT.varHandle();
  private static final VarHandle LONG = ValueLayout.JAVA_LONG.varHandle();
  private static final VarHandle ANY_SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.varHandle();
  private static final VarHandle ANY_INT = ValueLayout.JAVA_INT_UNALIGNED.varHandle();
  private static final VarHandle ANY_LONG = ValueLayout.JAVA_LONG_UNALIGNED.varHandle();

  private SegmentAccess() {}

  public static byte getByte(long address) {
    MemorySegment all = ALL;
    byte value = (byte) BYTE.get(all, address);
    return value;
  }

  public static short getShort(long address) {
    MemorySegment all = ALL;
    short value = (short) ANY_SHORT.get(all, address);
    return value;
  }

  public static int getInt(long address) {
    MemorySegment all = ALL;
    int value = (int) ANY_INT.get(all, address);
    return value;
  }

  public static long getLong(long address) {
    MemorySegment all = ALL;
    long value = (long) ANY_LONG.get(all, address);
    return value;
  }

  public static void setByte(long address, byte value) {
    MemorySegment all = ALL;
    BYTE.set(all, address, value);
  }

  public static void setShort(long address, short value) {
    MemorySegment all = ALL;
    ANY_SHORT.set(all, address, value);
  }

  public static void setInt(long address, int value) {
    MemorySegment all = ALL;
    ANY_INT.set(all, address, value);
  }

  public static void setLong(long address, long value) {
    MemorySegment all = ALL;
    ANY_LONG.set(all, address, value);
  }

  /// Stores zeros into a multiple of 8 bytes.
  public static void clear(long address, int bytes) {
    MemorySegment all = ALL;
    for (int at = 0; at < bytes; at += Long.BYTES) {
      ANY_LONG.set(all, address + at, 0L);
    }
  }

  public static byte getOpaqueByte(long address) {
    MemorySegment all = ALL;
    byte value = (byte) BYTE.getOpaque(all, address);
    return value;
  }

  public static short getOpaqueShort(long address) {
    MemorySegment all = ALL;
    short value = (short) SHORT.getOpaque(all, address);
    return value;
  }

  public static int getOpaqueInt(long address) {
    MemorySegment all = ALL;
    int value = (int) INT.getOpaque(all, address);
    return value;
  }

  public static long getOpaqueLong(long address) {
    MemorySegment all = ALL;
    long value = (long) LONG.getOpaque(all, address);
    return value;
  }

  public static void setOpaqueByte(long address, byte value) {
    MemorySegment all = ALL;
    BYTE.setOpaque(all, address, value);
  }

  public static void setOpaqueShort(long address, short value) {
    MemorySegment all = ALL;
    SHORT.setOpaque(all, address, value);
  }

  public static void setOpaqueInt(long address, int value) {
    MemorySegment all = ALL;
    INT.setOpaque(all, address, value);
  }

  public static void setOpaqueLong(long address, long value) {
    MemorySegment all = ALL;
    LONG.setOpaque(all, address, value);
  }
}
