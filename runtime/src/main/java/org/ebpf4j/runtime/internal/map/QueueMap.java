package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.SpinLocks;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_QUEUE` and `BPF_MAP_TYPE_STACK`: values in a circle, changed under a lock.
///
///     header | u32 head: where the next value goes | u32 count | values
///
/// Source: Linux 6.18's `kernel/bpf/queue_stack_maps.c`.
public final class QueueMap extends RuntimeMap implements QueueOperations {
  private static final int HEAD = MapHeader.SIZE;
  private static final int COUNT = MapHeader.SIZE + 4;
  private static final int VALUES = MapHeader.SIZE + 8;

  private final boolean stack;
  private final int capacity;
  private final int valueSize;
  private final Block block;
  private final SpinLocks lock = new SpinLocks(1);

  QueueMap(MapSpec spec, MapSite site) {
    super(spec, site);
    this.stack = spec.typeNumber() == MapType.STACK.number();
    this.capacity = spec.maxEntries();
    this.valueSize = spec.valueSize();
    this.block = site.allocate(VALUES + Integer.toUnsignedLong(capacity) * valueSize, Long.BYTES);
    MapHeader.write(block.address(), spec, site.cpus());
  }

  private int head() {
    return Memory.getInt(block.address() + HEAD);
  }

  private int count() {
    return Memory.getInt(block.address() + COUNT);
  }

  private void set(int head, int count) {
    Memory.putInt(block.address() + HEAD, head);
    Memory.putInt(block.address() + COUNT, count);
  }

  /// The address of the value that was stored `back` values ago, 1 being the last.
  private long stored(int back) {
    long slot = Integer.toUnsignedLong(head()) - Integer.toUnsignedLong(back);
    long wrapped = slot < 0 ? slot + Integer.toUnsignedLong(capacity) : slot;
    return block.address() + VALUES + wrapped * valueSize;
  }

  @Override
  public int push(long value, long flags) {
    if (flags != MapFlags.ANY && flags != MapFlags.EXIST) {
      return Errno.EINVAL.negated();
    }
    lock.lock(0);
    try {
      int count = count();
      if (count == capacity) {
        if (flags != MapFlags.EXIST) {
          return Errno.E2BIG.negated();
        }
        count--;
      }
      int head = head();
      Memory.copy(
          value, block.address() + VALUES + Integer.toUnsignedLong(head) * valueSize, valueSize);
      set(head + 1 == capacity ? 0 : head + 1, count + 1);
      return 0;
    } finally {
      lock.unlock(0);
    }
  }

  @Override
  public int pop(long to) {
    return get(to, true);
  }

  @Override
  public int peek(long to) {
    return get(to, false);
  }

  private int get(long to, boolean remove) {
    lock.lock(0);
    try {
      int count = count();
      if (count == 0) {
        Memory.fill(to, valueSize, (byte) 0);
        return Errno.ENOENT.negated();
      }
      Memory.copy(stored(stack ? 1 : count), to, valueSize);
      if (remove) {
        int head = head();
        int popped = head == 0 ? capacity - 1 : head - 1;
        set(stack ? popped : head, count - 1);
      }
      return 0;
    } finally {
      lock.unlock(0);
    }
  }

  @Override
  public int update(long key, long value, long flags, int cpu) {
    return Errno.EINVAL.negated();
  }

  @Override
  public int delete(long key, int cpu) {
    return Errno.EINVAL.negated();
  }

  @Override
  public int userLookup(long key, long to, long flags) {
    return peek(to);
  }

  @Override
  public int userUpdate(long key, long value, long flags) {
    return push(value, flags);
  }

  @Override
  public int userTake(long key, long to, long flags) {
    return flags != 0 ? Errno.EINVAL.negated() : pop(to);
  }

  @Override
  public int nextKey(long key, long to) {
    return Errno.EINVAL.negated();
  }

  @Override
  protected void free() {
    block.free();
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
