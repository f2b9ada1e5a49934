package org.ebpf4j.linux;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.EventReader;

/// A map in the kernel.
public interface LinuxMap extends BpfMap {

  /// The id that the kernel gave it; it stays the same while the map lives.
  int id();

  /// What the kernel tells of it.
  MapInfo info();

  /// Gives it a name in a BPF file system, which keeps it alive.
  ///
  /// @throws KernelException if that is refused; the message says what to do
  void pin(Path path);

  /// The memory of an array that was made to be mapped (`BPF_F_MMAPABLE`), or of an arena, shared
  /// with all who use the map. Read-only where users may not write. Valid until the map is closed.
  ///
  /// @throws org.ebpf4j.MapException if it cannot be mapped; `EFAULT` for an arena made with
  ///   `BPF_F_SEGV_ON_FAULT`, of which touching a page that is not there would end the process:
  ///   [#arena()] can read and write that
  MemorySegment memory();

  /// Reads all elements by `BPF_MAP_LOOKUP_BATCH`, many at a time and in place. While others change
  /// the map, it may miss or repeat some.
  ///
  /// @param max elements at a time, at least 1
  /// @throws org.ebpf4j.MapException if the type has no batches; `ENOSPC` if more elements share a
  ///   bucket than `max`
  void eachBatch(int max, BatchHandler handler);

  /// What to do with elements that were read together.
  @FunctionalInterface
  interface BatchHandler {
    /// @param keys one key after the other, valid until this method returns
    /// @param values one value after the other, each of [#valueBytes()], likewise
    /// @param count how many there are; the segments may be longer
    void batch(MemorySegment keys, MemorySegment values, int count);
  }

  /// Reads what programs on one CPU send to one slot of a perf event array. Closing the reader
  /// empties the slot.
  ///
  /// @throws org.ebpf4j.MapException `EBUSY` if it has a reader already; `ENODEV` if there is no
  ///   such CPU; `E2BIG` if there is no such slot
  EventReader events(int cpu, int slot);

  /// For maps of maps: the id of the map at a key.
  default Optional<Integer> innerMapId(byte[] key) {
    return lookup(key).map(id -> ByteBuffer.wrap(id).order(ByteOrder.nativeOrder()).getInt());
  }
}
