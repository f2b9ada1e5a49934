package org.ebpf4j.runtime.internal.map;

import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import org.ebpf4j.runtime.internal.memory.SharedMemory;

/// The 4 GiB in which programs see an arena, by the addresses that they work with; see [ArenaMap].
///
/// HotSpot takes the components of a record for constants once it knows the record, and so compiled
/// code finds the table without a load.
///
/// @param addresses by page: where it is, or 0
/// @param base the address of page 0, the lower half of the arena's start
public record ArenaWindow(long[] addresses, int base) {
  private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  /// The number of the page that holds an address in either form; for others, one too high.
  int pageOf(long address) {
    return ((int) address - base) >>> ArenaPages.PAGE_BITS;
  }

  /// Where these bytes are now, until the run ends; 0 if their page is not there, or they lie in
  /// two.
  public long place(long address, int size) {
    int within = (int) address & (ArenaPages.PAGE - 1);
    if (address >>> Integer.SIZE != 0 || within > ArenaPages.PAGE - size) {
      return 0;
    }
    long page = ArenaPages.address(addresses, pageOf(address));
    return page == 0 ? 0 : page + within;
  }

  public long load(long address, int size) {
    long place = place(address, size);
    return place != 0 ? SharedMemory.load(place, size) : loadAcross(address, size);
  }

  public void store(long address, int size, long value) {
    long place = place(address, size);
    if (place != 0) {
      SharedMemory.store(place, size, value);
    } else {
      storeAcross(address, size, value);
    }
  }

  /// A load that no later access is seen before.
  public long loadAcquire(long address, int size) {
    long value = load(address, size);
    VarHandle.acquireFence();
    return value;
  }

  /// A store that no earlier access is seen after.
  public void storeRelease(long address, int size, long value) {
    VarHandle.releaseFence();
    store(address, size, value);
  }

  /// Bytes in two pages that are both there.
  private boolean isAcross(long address, int size) {
    return place(address, 1) != 0 && place(address + size - 1, 1) != 0;
  }

  private long loadAcross(long address, int size) {
    if (!isAcross(address, size)) {
      return 0;
    }
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= byteAt(address + i) << shift(i, size);
    }
    return value;
  }

  /// A byte, or 0 if its page has gone meanwhile.
  private long byteAt(long address) {
    long place = place(address, 1);
    return place == 0 ? 0 : SharedMemory.load(place, 1);
  }

  private void storeAcross(long address, int size, long value) {
    if (!isAcross(address, size)) {
      return;
    }
    for (int i = 0; i < size; i++) {
      long place = place(address + i, 1);
      if (place != 0) {
        SharedMemory.store(place, 1, value >>> shift(i, size));
      }
    }
  }

  /// How far a byte is from the lowest one of a number.
  private static int shift(int index, int size) {
    return Byte.SIZE * (LITTLE_ENDIAN ? index : size - 1 - index);
  }
}
