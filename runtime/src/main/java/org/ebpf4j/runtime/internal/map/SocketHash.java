package org.ebpf4j.runtime.internal.map;

import java.lang.foreign.Arena;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_SOCKHASH`: sockets by any key. Users put them in by cookie, as with a
/// [SocketArray].
///
/// Source: Linux 6.18's `net/core/sock_map.c`.
public final class SocketHash extends HashTableMap implements SocketStore {
  SocketHash(MapSpec spec, MapSite site) {
    super(spec, site, SocketStruct.BYTES);
  }

  @Override
  public boolean givesValues() {
    return false;
  }

  /// The cookie that a user's value is.
  static long cookie(MapSpec spec, long value) {
    return spec.valueSize() == Long.BYTES
        ? Memory.getLong(value)
        : Integer.toUnsignedLong(Memory.getInt(value));
  }

  @Override
  public long socket(long key) {
    return super.lookup(key, 0);
  }

  @Override
  public boolean isSocket(long address) {
    return socketOffset(address) == 0;
  }

  private long socketOffset(long address) {
    return pool.offsetInElement(address) - HashTable.KEY - rounded(spec().keySize());
  }

  @Override
  public int update(long key, long value, long flags, int cpu) {
    return Errno.EINVAL.negated();
  }

  @Override
  public int userUpdate(long key, long value, long flags) {
    if (Long.compareUnsigned(flags, MapFlags.EXIST) > 0) {
      return Errno.EINVAL.negated();
    }
    try (Arena arena = Arena.ofConfined()) {
      long socket = arena.allocate(SocketStruct.BYTES, Long.BYTES).address();
      site().registry().describeSocket(cookie(spec(), value), socket);
      return super.update(key, socket, flags, 0);
    }
  }

  @Override
  public int userLookup(long key, long to, long flags) {
    return spec().valueSize() != Long.BYTES
        ? Errno.ENOSPC.negated()
        : super.userLookup(key, to, flags);
  }

  @Override
  int copyOut(int index, long to, long flags) {
    long cookie = SocketStruct.cookie(valueOf(index, 0));
    if (spec().valueSize() == Long.BYTES) {
      Memory.putLong(to, cookie);
    } else {
      Memory.putInt(to, (int) cookie);
    }
    return 0;
  }

  @Override
  public int userTake(long key, long to, long flags) {
    return Errno.ENOTSUPP.negated();
  }

  @Override
  public long forEach(int cpu, ElementVisitor visitor) {
    return Errno.EINVAL.negated();
  }

  @Override
  public boolean readable(long address, int size) {
    long offset = socketOffset(address);
    return offset >= 0 && offset + size <= SocketStruct.VISIBLE;
  }

  @Override
  public boolean writable(long address, int size) {
    return false;
  }
}
