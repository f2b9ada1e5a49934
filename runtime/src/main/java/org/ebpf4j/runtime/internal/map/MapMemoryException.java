package org.ebpf4j.runtime.internal.map;

import java.io.Serial;

/// A map that did not fit into the host's memory while it was made. Never leaves this package.
final class MapMemoryException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final long size;

  MapMemoryException(long size) {
    super("no room for " + size + " bytes");
    this.size = size;
  }

  long size() {
    return size;
  }
}
