package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// The first bytes of a map's memory, in native byte order:
///
///     0   u32  magic, "eBmp"
///     4   u32  version of the layout
///     8   u32  map type
///     12  u32  key size
///     16  u32  value size
///     20  u32  max entries
///     24  u32  flags
///     28  u32  CPUs
///     32  u64  seed of the hash, where there is one
///     40  …64  0
///
/// What follows is the type's own; it holds offsets and indices, never addresses.
final class MapHeader {
  static final int SIZE = 64;
  static final int VERSION = 1;

  private static final int MAGIC = 0x706d4265;
  private static final int SEED = 32;

  private MapHeader() {}

  static void write(long address, MapSpec spec, int cpus) {
    Memory.putInt(address, MAGIC);
    Memory.putInt(address + 4, VERSION);
    Memory.putInt(address + 8, spec.typeNumber());
    Memory.putInt(address + 12, spec.keySize());
    Memory.putInt(address + 16, spec.valueSize());
    Memory.putInt(address + 20, spec.maxEntries());
    Memory.putInt(address + 24, spec.flags());
    Memory.putInt(address + 28, cpus);
  }

  static void seed(long address, long seed) {
    Memory.putLong(address + SEED, seed);
  }
}
