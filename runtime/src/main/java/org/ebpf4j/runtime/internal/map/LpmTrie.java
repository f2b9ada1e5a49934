package org.ebpf4j.runtime.internal.map;

import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.SpinLocks;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_LPM_TRIE`: values by the longest prefix that a key begins with. Readers take no
/// lock; one lock serves all writers. A node that was taken out rests until nobody can stand on it.
///
///     key     u32 bits in the prefix | data, most significant bit first
///     node    s32 child for a next bit of 0 | s32 child for 1 | s32 the pool's link
///             | u16 bits in the prefix | u8 1: only a fork, without a value | u8 1: taken out
///             | data, rounded up to 8 bytes | value
///     memory  header | s32 root
///
/// Source: Linux 6.18's `kernel/bpf/lpm_trie.c`.
public final class LpmTrie extends RuntimeMap {
  private static final int CHILD = 0;
  private static final int PREFIX = 12;
  private static final int FORK = 14;
  private static final int OUT = 15;
  private static final int DATA = HashTable.KEY;
  private static final int NONE = ElementPool.NONE;
  private static final int FIRST_NODES = 64;
  private static final boolean LITTLE_ENDIAN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  private final Block block;
  private final long root;
  private final ElementPool pool;
  private final ValueCopier values;
  private final SpinLocks lock = new SpinLocks(1);
  private final AtomicInteger count = new AtomicInteger();
  private final int dataSize;
  private final int maxPrefix;
  private final int valueOffset;

  LpmTrie(MapSpec spec, MapSite site) {
    super(spec, site);
    this.dataSize = spec.keySize() - 4;
    this.maxPrefix = dataSize * 8;
    this.valueOffset = DATA + HashedMap.rounded(dataSize);
    int stride = valueOffset + HashedMap.rounded(spec.valueSize());
    this.block = site.allocate(MapHeader.SIZE + 8, 64);
    try {
      this.pool = new ElementPool(site, stride, 0, FIRST_NODES, Integer.MAX_VALUE);
    } catch (MapMemoryException memory) {
      block.free();
      throw memory;
    }
    MapHeader.write(block.address(), spec, site.cpus());
    this.root = block.address() + MapHeader.SIZE;
    Memory.putInt(root, NONE);
    this.values = new ValueCopier(spec.valueSize(), site.fields());
  }

  // ---- nodes

  private static int prefix(long node) {
    return Memory.getShort(node + PREFIX) & 0xffff;
  }

  private static boolean isFork(long node) {
    return Memory.getByte(node + FORK) != 0;
  }

  private static boolean isOut(long node) {
    return Memory.getByte(node + OUT) != 0;
  }

  private static void takeOut(long node) {
    Memory.putByte(node + OUT, (byte) 1);
  }

  private static int child(long node, int bit) {
    return Memory.getIntAcquire(childSlot(node, bit));
  }

  private static long childSlot(long node, int bit) {
    return node + CHILD + 4L * bit;
  }

  private static int bit(long data, int number) {
    return (Memory.getByte(data + (number >>> 3)) >>> (7 - (number & 7))) & 1;
  }

  /// How many leading bits of the node's prefix the key shares, of no more than `bits`.
  private int common(long node, long data, int bits) {
    int limit = Math.min(prefix(node), bits);
    long own = node + DATA;
    int at = 0;
    for (; at + 8 <= dataSize; at += 8) {
      long difference = Memory.getLong(own + at) ^ Memory.getLong(data + at);
      if (difference != 0) {
        return Math.min(limit, at * 8 + leadingZeros(difference));
      }
      if (at * 8 + 64 >= limit) {
        return limit;
      }
    }
    for (; at < dataSize; at++) {
      int difference = (Memory.getByte(own + at) ^ Memory.getByte(data + at)) & 0xff;
      if (difference != 0) {
        return Math.min(limit, at * 8 + Integer.numberOfLeadingZeros(difference) - 24);
      }
    }
    return limit;
  }

  private static int leadingZeros(long difference) {
    // The first byte in memory holds the first bits.
    return LITTLE_ENDIAN
        ? Long.numberOfLeadingZeros(Long.reverseBytes(difference))
        : Long.numberOfLeadingZeros(difference);
  }

  // ---- programs

  @Override
  public boolean givesValues() {
    return true;
  }

  @Override
  public long lookup(long key, int cpu) {
    int bits = Memory.getInt(key);
    if (Integer.compareUnsigned(bits, maxPrefix) > 0) {
      return 0;
    }
    long data = key + 4;
    long found = 0;
    int index = Memory.getIntAcquire(root);
    while (index != NONE) {
      long node = pool.element(index);
      int matched = common(node, data, bits);
      int prefix = prefix(node);
      if (matched < prefix) {
        break;
      }
      if (!isFork(node)) {
        found = node;
      }
      if (prefix == maxPrefix || matched == bits) {
        break;
      }
      index = child(node, bit(data, prefix));
    }
    return found == 0 ? 0 : found + valueOffset;
  }

  @Override
  public int update(long key, long value, long flags, int cpu) {
    int bits = Memory.getInt(key);
    if (Long.compareUnsigned(flags, MapFlags.EXIST) > 0
        || Integer.compareUnsigned(bits, maxPrefix) > 0) {
      return Errno.EINVAL.negated();
    }
    long data = key + 4;
    // What can be done before is: the lock is everybody's.
    int fresh = newNode(data, bits, false, cpu);
    if (fresh != NONE) {
      values.initialize(value, pool.element(fresh) + valueOffset);
    }
    Place place = find(data, bits);
    int replaced = NONE;
    int result;
    lock.lock(0);
    try {
      if (place.isStale()) {
        place = find(data, bits);
      }
      result = check(place, flags, fresh);
      if (result == 0) {
        replaced = place.replaces() ? place.index() : NONE;
        result = insert(place, fresh, cpu);
      }
    } finally {
      lock.unlock(0);
    }
    if (result != 0 && fresh != NONE) {
      // Nobody has seen it.
      pool.give(fresh, cpu);
    } else if (replaced != NONE) {
      pool.retire(replaced, cpu);
    }
    return result;
  }

  /// Where a prefix belongs: the end of a walk.
  ///
  /// @param parent the address of the node above, or 0
  /// @param slot the address of the link that the walk ended at
  /// @param index the node that it leads to, or [#NONE]
  /// @param matched bits that the prefix shares with that node
  private record Place(LpmTrie trie, long parent, long slot, int index, int matched) {

    /// Whether another walk might end elsewhere. What the nodes above have for prefixes never
    /// changes, and a node put in between would be one more on the same way.
    boolean isStale() {
      return Memory.getInt(slot) != index || (parent != 0 && isOut(parent));
    }

    /// Whether the node has just this prefix, so that it is replaced.
    boolean replaces() {
      return index != NONE && prefix(trie.pool.element(index)) == matched;
    }
  }

  private Place find(long data, int bits) {
    long parent = 0;
    long slot = root;
    int index = Memory.getIntAcquire(slot);
    int matched = 0;
    while (index != NONE) {
      long node = pool.element(index);
      matched = common(node, data, bits);
      int prefix = prefix(node);
      if (prefix != matched || prefix == bits || prefix == maxPrefix) {
        break;
      }
      parent = node;
      slot = childSlot(node, bit(data, prefix));
      index = Memory.getIntAcquire(slot);
    }
    return new Place(this, parent, slot, index, matched);
  }

  /// 0, or the errno with which an update is refused.
  private int check(Place place, long flags, int fresh) {
    if (place.replaces() && !isFork(pool.element(place.index()))) {
      if (flags == MapFlags.NOEXIST) {
        return Errno.EEXIST.negated();
      }
    } else if (flags == MapFlags.EXIST) {
      return Errno.ENOENT.negated();
    } else if (count.get() == spec().maxEntries()) {
      return Errno.ENOSPC.negated();
    }
    return fresh == NONE ? Errno.ENOMEM.negated() : 0;
  }

  private int insert(Place place, int fresh, int cpu) {
    if (place.index() == NONE) {
      count.incrementAndGet();
      Memory.putIntRelease(place.slot(), fresh);
      return 0;
    }
    if (place.replaces()) {
      replace(place.slot(), place.index(), fresh);
      return 0;
    }
    return insertAbove(place.slot(), place.index(), fresh, place.matched(), cpu);
  }

  private void replace(long slot, int index, int fresh) {
    long old = pool.element(index);
    long node = pool.element(fresh);
    if (isFork(old)) {
      count.incrementAndGet();
    }
    Memory.putInt(childSlot(node, 0), child(old, 0));
    Memory.putInt(childSlot(node, 1), child(old, 1));
    Memory.putIntRelease(slot, fresh);
    takeOut(old);
  }

  /// Puts a new node over one that it shares only `matched` bits with: as its parent if that is all
  /// of the new prefix, else beside it under a fork.
  private int insertAbove(long slot, int index, int fresh, int matched, int cpu) {
    long old = pool.element(index);
    long node = pool.element(fresh);
    if (matched == prefix(node)) {
      Memory.putInt(childSlot(node, bit(old + DATA, matched)), index);
      count.incrementAndGet();
      Memory.putIntRelease(slot, fresh);
      return 0;
    }
    int fork = newNode(old + DATA, matched, true, cpu);
    if (fork == NONE) {
      return Errno.ENOMEM.negated();
    }
    long above = pool.element(fork);
    int side = bit(node + DATA, matched);
    Memory.putInt(childSlot(above, side), fresh);
    Memory.putInt(childSlot(above, 1 - side), index);
    count.incrementAndGet();
    Memory.putIntRelease(slot, fork);
    return 0;
  }

  private int newNode(long data, int bits, boolean fork, int cpu) {
    int index = pool.take(cpu);
    if (index != NONE) {
      long node = pool.element(index);
      Memory.putInt(childSlot(node, 0), NONE);
      Memory.putInt(childSlot(node, 1), NONE);
      Memory.putShort(node + PREFIX, (short) bits);
      Memory.putByte(node + FORK, (byte) (fork ? 1 : 0));
      Memory.putByte(node + OUT, (byte) 0);
      Memory.copy(data, node + DATA, dataSize);
    }
    return index;
  }

  @Override
  public int delete(long key, int cpu) {
    int bits = Memory.getInt(key);
    if (Integer.compareUnsigned(bits, maxPrefix) > 0) {
      return Errno.EINVAL.negated();
    }
    lock.lock(0);
    try {
      return remove(key + 4, bits, cpu);
    } finally {
      lock.unlock(0);
    }
  }

  private int remove(long data, int bits, int cpu) {
    long parentSlot = 0;
    int parent = NONE;
    long slot = root;
    int index = Memory.getInt(slot);
    int matched = 0;
    while (index != NONE) {
      long node = pool.element(index);
      matched = common(node, data, bits);
      if (prefix(node) != matched || prefix(node) == bits) {
        break;
      }
      parentSlot = slot;
      parent = index;
      slot = childSlot(node, bit(data, prefix(node)));
      index = Memory.getInt(slot);
    }
    if (index == NONE) {
      return Errno.ENOENT.negated();
    }
    long node = pool.element(index);
    if (prefix(node) != bits || matched != bits || isFork(node)) {
      return Errno.ENOENT.negated();
    }
    count.decrementAndGet();
    int left = child(node, 0);
    int right = child(node, 1);
    if (left != NONE && right != NONE) {
      Memory.putByte(node + FORK, (byte) 1);
      return 0;
    }
    boolean leaf = left == NONE && right == NONE;
    if (leaf && parent != NONE && isFork(pool.element(parent))) {
      long fork = pool.element(parent);
      Memory.putIntRelease(parentSlot, child(fork, child(fork, 0) == index ? 1 : 0));
      takeOut(fork);
      pool.retire(parent, cpu);
    } else {
      Memory.putIntRelease(slot, left != NONE ? left : right);
    }
    takeOut(node);
    pool.retire(index, cpu);
    return 0;
  }

  // ---- users

  @Override
  public int userLookup(long key, long to, long flags) {
    long value = lookup(key, 0);
    if (value == 0) {
      return Errno.ENOENT.negated();
    }
    values.copyOut(value, to, false);
    return 0;
  }

  /// More specific prefixes come before less specific ones: the order is that of a walk which
  /// visits children before parents.
  @Override
  public int nextKey(long key, long to) {
    int index = Memory.getIntAcquire(root);
    if (index == NONE) {
      return Errno.ENOENT.negated();
    }
    int[] path = key == 0 ? new int[0] : pathTo(index, key);
    if (path.length == 0) {
      return copyLeftmost(index, to);
    }
    for (int depth = path.length - 1; depth > 0; depth--) {
      long parent = pool.element(path[depth - 1]);
      int right = child(parent, 1);
      if (child(parent, 0) == path[depth] && right != NONE) {
        return copyLeftmost(right, to);
      }
      if (!isFork(parent)) {
        return copyKey(parent, to);
      }
    }
    return Errno.ENOENT.negated();
  }

  /// The nodes from the root to the one with exactly this key; none if it is not there.
  private int[] pathTo(int start, long key) {
    int bits = Memory.getInt(key);
    if (Integer.compareUnsigned(bits, maxPrefix) > 0) {
      return new int[0];
    }
    int[] path = new int[16];
    int depth = 0;
    int index = start;
    while (index != NONE) {
      long node = pool.element(index);
      if (depth == path.length) {
        path = Arrays.copyOf(path, depth * 2);
      }
      path[depth++] = index;
      int prefix = prefix(node);
      if (common(node, key + 4, bits) != prefix) {
        return new int[0];
      }
      if (prefix == bits) {
        return isFork(node) ? new int[0] : Arrays.copyOf(path, depth);
      }
      index = child(node, bit(key + 4, prefix));
    }
    return new int[0];
  }

  private int copyLeftmost(int start, long to) {
    long node = pool.element(start);
    while (true) {
      int left = child(node, 0);
      int next = left != NONE ? left : child(node, 1);
      if (next == NONE) {
        return copyKey(node, to);
      }
      node = pool.element(next);
    }
  }

  private int copyKey(long node, long to) {
    Memory.putInt(to, prefix(node));
    Memory.copy(node + DATA, to + 4, dataSize);
    return 0;
  }

  @Override
  public int parts() {
    return 1;
  }

  /// Shows what a walk meets. Each step goes to a longer prefix or back, so it ends whatever others
  /// do.
  @Override
  public void scan(int part, long key, long value, RowSink sink) {
    int[] stack = new int[16];
    int depth = 0;
    stack[depth++] = Memory.getIntAcquire(root);
    while (depth > 0) {
      int index = stack[--depth];
      if (index == NONE) {
        continue;
      }
      long node = pool.element(index);
      if (!isFork(node)) {
        copyKey(node, key);
        values.copyOut(node + valueOffset, value, false);
        sink.row(key, value);
      }
      if (depth + 2 > stack.length) {
        stack = Arrays.copyOf(stack, stack.length * 2);
      }
      stack[depth++] = child(node, 1);
      stack[depth++] = child(node, 0);
    }
  }

  // ---- memory

  @Override
  public boolean readable(long address, int size) {
    return programsRead() && inside(address, size);
  }

  @Override
  public boolean writable(long address, int size) {
    return programsWrite() && inside(address, size);
  }

  private boolean inside(long address, int size) {
    long offset = pool.offsetInElement(address);
    return offset >= valueOffset && offset + size <= valueOffset + spec().valueSize();
  }

  @Override
  protected void free() {
    block.free();
    pool.free();
  }
}
