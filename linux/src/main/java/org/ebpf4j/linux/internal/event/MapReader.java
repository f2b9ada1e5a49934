package org.ebpf4j.linux.internal.event;

import java.time.Duration;
import org.ebpf4j.EventReader;
import org.ebpf4j.MapException;
import org.ebpf4j.error.Errno;

/// The reader of a map, as its user holds it: what lies under it is closed once, and not used
/// afterwards.
public final class MapReader implements EventReader {
  private final EventReader rings;
  private final String map;
  private final Runnable onClose;
  private boolean closed;

  /// @param map its name
  /// @param onClose what to do when it is closed
  public MapReader(EventReader rings, String map, Runnable onClose) {
    this.rings = rings;
    this.map = map;
    this.onClose = onClose;
  }

  @Override
  public int poll(Duration timeout, Handler handler) {
    if (closed) {
      throw new MapException(map, "poll", Errno.EBADF, "the reader is closed");
    }
    return rings.poll(timeout, handler);
  }

  @Override
  public long lost() {
    return rings.lost();
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      rings.close();
      onClose.run();
    }
  }
}
