package org.ebpf4j.runtime.internal.map;

import java.lang.foreign.Arena;

/// Eight bytes of memory for the number of a value's owner.
final class OwnerKey implements AutoCloseable {
  private final Arena arena = Arena.ofConfined();
  private final long address = arena.allocate(Long.BYTES, Long.BYTES).address();

  long address() {
    return address;
  }

  @Override
  public void close() {
    arena.close();
  }
}
