package org.ebpf4j.runtime.internal.map;

import java.util.concurrent.atomic.AtomicBoolean;
import org.ebpf4j.MapException;
import org.ebpf4j.error.Errno;

/// The place of a map's one reader. Keeps the map alive while it is taken.
final class ReaderSeat {
  private final RuntimeMap map;
  private final AtomicBoolean taken = new AtomicBoolean();

  ReaderSeat(RuntimeMap map) {
    this.map = map;
  }

  /// @throws MapException `EBUSY` if the map has a reader
  void take() {
    if (!taken.compareAndSet(false, true)) {
      throw new MapException(map.spec().name(), "events", Errno.EBUSY, "it has a reader already");
    }
    if (!map.retain()) {
      taken.set(false);
      throw new MapException(map.spec().name(), "events", Errno.EBADF, "it is closed");
    }
  }

  /// Lets the next reader come.
  void leave() {
    taken.set(false);
    map.release();
  }
}
