package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_SOCKMAP` and `BPF_MAP_TYPE_REUSEPORT_SOCKARRAY`. Users put sockets in by their
/// cookies, as the host has no file descriptors; a socket that the environment knows is filled in.
///
///     header | entry 0 | entry 1 | …
///     entry   struct bpf_sock | u64 cookie | u32 1 if it is there | u32 0
///
/// Sources: Linux 6.18's `net/core/sock_map.c`, `kernel/bpf/reuseport_array.c`.
public final class SocketArray extends IndexedMap implements SocketStore {
  private static final int PRESENT = SocketStruct.BYTES;
  private static final int STRIDE = SocketStruct.BYTES + 8;

  private final Block block;
  private final long base;
  private final long bytes;
  private final boolean shared;

  SocketArray(MapSpec spec, MapSite site) {
    super(spec, site);
    this.shared = spec.type().orElseThrow() == MapType.REUSEPORT_SOCKARRAY;
    this.bytes = STRIDE * Integer.toUnsignedLong(spec.maxEntries());
    this.block = site.allocate(MapHeader.SIZE + bytes, 64);
    MapHeader.write(block.address(), spec, site.cpus());
    this.base = block.address() + MapHeader.SIZE;
  }

  @Override
  long at(int index, int cpu) {
    return base + (long) index * STRIDE;
  }

  private boolean isThere(int index) {
    return Memory.getIntAcquire(at(index, 0) + PRESENT) != 0;
  }

  @Override
  public long socket(long key) {
    int index = index(key);
    return index >= 0 && isThere(index) ? at(index, 0) : 0;
  }

  @Override
  public long lookup(long key, int cpu) {
    return socket(key);
  }

  @Override
  public boolean isSocket(long address) {
    long distance = address - base;
    return Long.compareUnsigned(distance, bytes) < 0 && distance % STRIDE == 0;
  }

  @Override
  public int userUpdate(long key, long value, long flags) {
    int index = index(key);
    if (index < 0) {
      return Errno.E2BIG.negated();
    }
    if (Long.compareUnsigned(flags, MapFlags.EXIST) > 0) {
      return Errno.EINVAL.negated();
    }
    if (flags == MapFlags.NOEXIST && isThere(index)) {
      return Errno.EEXIST.negated();
    }
    if (flags == MapFlags.EXIST && !isThere(index)) {
      return Errno.ENOENT.negated();
    }
    site().registry().describeSocket(SocketHash.cookie(spec(), value), at(index, 0));
    Memory.putIntRelease(at(index, 0) + PRESENT, 1);
    return 0;
  }

  @Override
  public int delete(long key, int cpu) {
    int index = index(key);
    if (index < 0) {
      return shared ? Errno.E2BIG.negated() : Errno.EINVAL.negated();
    }
    if (!isThere(index)) {
      return shared ? Errno.ENOENT.negated() : Errno.EINVAL.negated();
    }
    Memory.putIntRelease(at(index, 0) + PRESENT, 0);
    return 0;
  }

  @Override
  public int userLookup(long key, long to, long flags) {
    if (spec().valueSize() != Long.BYTES) {
      return Errno.ENOSPC.negated();
    }
    long socket = socket(key);
    if (socket == 0) {
      return Errno.ENOENT.negated();
    }
    Memory.putLong(to, SocketStruct.cookie(socket));
    return 0;
  }

  @Override
  public boolean readable(long address, int size) {
    long distance = address - base;
    return Long.compareUnsigned(distance, bytes) < 0
        && distance % STRIDE + size <= SocketStruct.VISIBLE;
  }

  @Override
  public boolean writable(long address, int size) {
    return false;
  }

  @Override
  protected void free() {
    block.free();
  }
}
