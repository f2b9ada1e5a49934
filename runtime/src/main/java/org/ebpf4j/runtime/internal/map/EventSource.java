package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.EventReader;
import org.ebpf4j.MapException;

/// A map whose records an application reads.
sealed interface EventSource permits RingBuffer, PerfEventArray {

  /// @throws MapException `EBUSY` if it has a reader, `ENOMEM` if there is no memory for its rings
  EventReader openReader();
}
