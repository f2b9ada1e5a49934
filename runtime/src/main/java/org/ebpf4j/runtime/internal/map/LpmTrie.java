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
///     node    u16 bits in the prefix | u8 1: only a fork, without a value | u8 1: taken out
///             | 4 unused | s32 the pool's link | 4 unused
///             | s64 address of the child for a next bit of 0 | s64 of that for 1
///             | data, rounded up to 8 bytes | value
///     memory  header | s64 address of the root
///
/// Source: Linux 6.18's `kernel/bpf/lpm_trie.c`.
public final class LpmTrie extends RuntimeMap {
  private static final int PREFIX = 0;
  private static final int FORK = 2;
  private static final int OUT = 3;
  private static final int CHILD = 16;
  private static final int DATA = 32;

  /// Instead of an address: no node.
  private static final long NONE = 0;

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
    Memory.putLong(root, NONE);
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

  private static long child(long node, int bit) {
    return Memory.getLongAcquire(childSlot(node, bit));
  }

  private static long childSlot(long node, int bit) {
    return node + CHILD + (long) Long.BYTES * bit;
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
    if (at + 4 <= dataSize) {
      int difference = Memory.getInt(own + at) ^ Memory.getInt(data + at);
      if (difference != 0) {
        return Math.min(limit, at * 8 + leadingZeros(difference));
      }
      at += 4;
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

  private static int leadingZeros(int difference) {
    return Integer.numberOfLeadingZeros(
        LITTLE_ENDIAN ? Integer.reverseBytes(difference) : difference);
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
    long node = Memory.getLongAcquire(root);
    while (node != NONE) {
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
      node = child(node, bit(data, prefix));
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
    // What can be done before is: the lock is everybody's.
    long fresh = newNode(key + 4, bits, false, cpu);
    long data = key + 4;
    if (fresh != NONE) {
      values.initialize(value, fresh + valueOffset);
      // Others may change the key meanwhile: the place is that of what the node has of it.
      data = fresh + DATA;
    }
    Place place = find(data, bits);
    long replaced = NONE;
    int result;
    lock.lock(0);
    try {
      if (place.isStale()) {
        place = find(data, bits);
      }
      result = check(place, flags, fresh);
      if (result == 0) {
        replaced = place.replaces() ? place.node() : NONE;
        result = insert(place, fresh, cpu);
      }
    } finally {
      lock.unlock(0);
    }
    if (result != 0 && fresh != NONE) {
      // Nobody has seen it.
      pool.give(HashTable.indexOf(fresh), cpu);
    } else if (replaced != NONE) {
      pool.retire(HashTable.indexOf(replaced), cpu);
    }
    return result;
  }

  /// Where a prefix belongs: the end of a walk.
  ///
  /// @param parent the address of the node above, or 0
  /// @param slot the address of the link that the walk ended at
  /// @param node the address of the node that it leads to, or [#NONE]
  /// @param matched bits that the prefix shares with that node
  private record Place(long parent, long slot, long node, int matched) {

    /// Whether another walk might end elsewhere. What the nodes above have for prefixes never
    /// changes, and a node put in between would be one more on the same way.
    boolean isStale() {
      return Memory.getLong(slot) != node || (parent != 0 && isOut(parent));
    }

    /// Whether the node has just this prefix, so that it is replaced.
    boolean replaces() {
      return node != NONE && prefix(node) == matched;
    }
  }

  private Place find(long data, int bits) {
    long parent = 0;
    long slot = root;
    long node = Memory.getLongAcquire(slot);
    int matched = 0;
    while (node != NONE) {
      matched = common(node, data, bits);
      int prefix = prefix(node);
      if (prefix != matched || prefix == bits || prefix == maxPrefix) {
        break;
      }
      parent = node;
      slot = childSlot(node, bit(data, prefix));
      node = Memory.getLongAcquire(slot);
    }
    return new Place(parent, slot, node, matched);
  }

  /// 0, or the errno with which an update is refused.
  private int check(Place place, long flags, long fresh) {
    if (place.replaces() && !isFork(place.node())) {
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

  private int insert(Place place, long fresh, int cpu) {
    if (place.node() == NONE) {
      count.incrementAndGet();
      Memory.putLongRelease(place.slot(), fresh);
      return 0;
    }
    if (place.replaces()) {
      replace(place.slot(), place.node(), fresh);
      return 0;
    }
    return insertAbove(place.slot(), place.node(), fresh, place.matched(), cpu);
  }

  private void replace(long slot, long old, long fresh) {
    if (isFork(old)) {
      count.incrementAndGet();
    }
    Memory.putLong(childSlot(fresh, 0), child(old, 0));
    Memory.putLong(childSlot(fresh, 1), child(old, 1));
    Memory.putLongRelease(slot, fresh);
    takeOut(old);
  }

  /// Puts a new node over one that it shares only `matched` bits with: as its parent if that is all
  /// of the new prefix, else beside it under a fork.
  private int insertAbove(long slot, long old, long fresh, int matched, int cpu) {
    if (matched == prefix(fresh)) {
      Memory.putLong(childSlot(fresh, bit(old + DATA, matched)), old);
      count.incrementAndGet();
      Memory.putLongRelease(slot, fresh);
      return 0;
    }
    long fork = newNode(old + DATA, matched, true, cpu);
    if (fork == NONE) {
      return Errno.ENOMEM.negated();
    }
    int side = bit(fresh + DATA, matched);
    Memory.putLong(childSlot(fork, side), fresh);
    Memory.putLong(childSlot(fork, 1 - side), old);
    count.incrementAndGet();
    Memory.putLongRelease(slot, fork);
    return 0;
  }

  private long newNode(long data, int bits, boolean fork, int cpu) {
    int index = pool.take(cpu);
    if (index == ElementPool.NONE) {
      return NONE;
    }
    long node = pool.element(index);
    Memory.putLong(childSlot(node, 0), NONE);
    Memory.putLong(childSlot(node, 1), NONE);
    Memory.putShort(node + PREFIX, (short) bits);
    Memory.putByte(node + FORK, (byte) (fork ? 1 : 0));
    Memory.putByte(node + OUT, (byte) 0);
    Memory.copy(data, node + DATA, dataSize);
    return node;
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
    long parent = NONE;
    long slot = root;
    long node = Memory.getLong(slot);
    int matched = 0;
    while (node != NONE) {
      matched = common(node, data, bits);
      if (prefix(node) != matched || prefix(node) == bits) {
        break;
      }
      parentSlot = slot;
      parent = node;
      slot = childSlot(node, bit(data, prefix(node)));
      node = Memory.getLong(slot);
    }
    if (node == NONE || prefix(node) != bits || matched != bits || isFork(node)) {
      return Errno.ENOENT.negated();
    }
    count.decrementAndGet();
    long left = child(node, 0);
    long right = child(node, 1);
    if (left != NONE && right != NONE) {
      Memory.putByte(node + FORK, (byte) 1);
      return 0;
    }
    boolean leaf = left == NONE && right == NONE;
    if (leaf && parent != NONE && isFork(parent)) {
      Memory.putLongRelease(parentSlot, child(parent, child(parent, 0) == node ? 1 : 0));
      retire(parent, cpu);
    } else {
      Memory.putLongRelease(slot, left != NONE ? left : right);
    }
    retire(node, cpu);
    return 0;
  }

  private void retire(long node, int cpu) {
    takeOut(node);
    pool.retire(HashTable.indexOf(node), cpu);
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
    long top = Memory.getLongAcquire(root);
    if (top == NONE) {
      return Errno.ENOENT.negated();
    }
    long[] path = key == 0 ? new long[0] : pathTo(top, key);
    if (path.length == 0) {
      return copyLeftmost(top, to);
    }
    for (int depth = path.length - 1; depth > 0; depth--) {
      long parent = path[depth - 1];
      long right = child(parent, 1);
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
  private long[] pathTo(long top, long key) {
    int bits = Memory.getInt(key);
    if (Integer.compareUnsigned(bits, maxPrefix) > 0) {
      return new long[0];
    }
    long[] path = new long[16];
    int depth = 0;
    long node = top;
    while (node != NONE) {
      if (depth == path.length) {
        path = Arrays.copyOf(path, depth * 2);
      }
      path[depth++] = node;
      int prefix = prefix(node);
      if (common(node, key + 4, bits) != prefix) {
        return new long[0];
      }
      if (prefix == bits) {
        return isFork(node) ? new long[0] : Arrays.copyOf(path, depth);
      }
      node = child(node, bit(key + 4, prefix));
    }
    return new long[0];
  }

  private int copyLeftmost(long start, long to) {
    long node = start;
    while (true) {
      long left = child(node, 0);
      long next = left != NONE ? left : child(node, 1);
      if (next == NONE) {
        return copyKey(node, to);
      }
      node = next;
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
    long[] stack = new long[16];
    int depth = 0;
    stack[depth++] = Memory.getLongAcquire(root);
    while (depth > 0) {
      long node = stack[--depth];
      if (node == NONE) {
        continue;
      }
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
