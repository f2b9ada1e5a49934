package org.ebpf4j.linux;

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

  /// For maps of maps: the id of the map at a key.
  default Optional<Integer> innerMapId(byte[] key) {
    return lookup(key).map(id -> ByteBuffer.wrap(id).order(ByteOrder.nativeOrder()).getInt());
  }
}
