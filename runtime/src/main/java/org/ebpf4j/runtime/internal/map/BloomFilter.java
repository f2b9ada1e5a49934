package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_BLOOM_FILTER`: a set that says "no" or "perhaps". Memory: header, bits.
///
/// Source: Linux 6.18's `kernel/bpf/bloom_filter.c`, whose number of bits this has, but not its
/// hash.
public final class BloomFilter extends RuntimeMap implements QueueOperations {
  /// How many hash functions there are where `map_extra` does not say.
  private static final int FUNCTIONS = 5;

  private static final long MAX_BITS = 1L << 31;

  private final KeyHash[] functions;
  private final long mask;
  private final Block block;
  private final long bits;

  BloomFilter(MapSpec spec, MapSite site) {
    super(spec, site);
    int count = spec.extra() == 0 ? FUNCTIONS : (int) spec.extra();
    this.mask = bitCount(Integer.toUnsignedLong(spec.maxEntries()), count) - 1;
    this.block = site.allocate(MapHeader.SIZE + (mask + 1) / Byte.SIZE, Long.BYTES);
    MapHeader.write(block.address(), spec, site.cpus());
    long seed = site.registry().seed(spec);
    MapHeader.seed(block.address(), seed);
    this.bits = block.address() + MapHeader.SIZE;
    this.functions = new KeyHash[count];
    for (int i = 0; i < count; i++) {
      functions[i] = KeyHash.of(spec.valueSize(), seed + i);
    }
  }

  /// `n k / ln 2` with 7 / 5 for `1 / ln 2`, rounded up to a power of two; 2^32 where that is too
  /// much.
  private static long bitCount(long entries, int functions) {
    long wanted = entries * functions;
    long scaled = wanted / 5 * 7;
    if (wanted > 0xffff_ffffL || scaled > MAX_BITS) {
      return 1L << 32;
    }
    return scaled <= Long.SIZE ? Long.SIZE : Long.highestOneBit(scaled * 2 - 1);
  }

  @Override
  public int push(long value, long flags) {
    if (flags != MapFlags.ANY) {
      return Errno.EINVAL.negated();
    }
    for (KeyHash function : functions) {
      long bit = function.of(value) & mask;
      long word = word(bit);
      if ((Memory.getLongOpaque(word) & (1L << bit)) == 0) {
        Memory.getAndOrLong(word, 1L << bit);
      }
    }
    return 0;
  }

  @Override
  public int peek(long value) {
    for (KeyHash function : functions) {
      long bit = function.of(value) & mask;
      if ((Memory.getLongOpaque(word(bit)) & (1L << bit)) == 0) {
        return Errno.ENOENT.negated();
      }
    }
    return 0;
  }

  private long word(long bit) {
    return bits + (bit >>> 6) * Long.BYTES;
  }

  @Override
  public int pop(long to) {
    return Errno.EOPNOTSUPP.negated();
  }

  @Override
  public int update(long key, long value, long flags, int cpu) {
    return Errno.EINVAL.negated();
  }

  @Override
  public int delete(long key, int cpu) {
    return Errno.EOPNOTSUPP.negated();
  }

  @Override
  public int userUpdate(long key, long value, long flags) {
    return push(value, flags);
  }

  /// @param key address of the value that is asked for
  @Override
  public int userLookup(long key, long to, long flags) {
    Memory.copy(key, to, spec().valueSize());
    return peek(key);
  }

  @Override
  public int nextKey(long key, long to) {
    return Errno.EOPNOTSUPP.negated();
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
