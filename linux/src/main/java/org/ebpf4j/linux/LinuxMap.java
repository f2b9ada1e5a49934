package org.ebpf4j.linux;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;
import org.ebpf4j.BpfMap;

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
  /// @throws org.ebpf4j.MapException if it cannot be mapped
  MemorySegment memory();

  /// For maps of maps: the id of the map at a key.
  default Optional<Integer> innerMapId(byte[] key) {
    return lookup(key).map(id -> ByteBuffer.wrap(id).order(ByteOrder.nativeOrder()).getInt());
  }
}
