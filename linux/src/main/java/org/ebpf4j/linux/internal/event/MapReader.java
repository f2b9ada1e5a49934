package org.ebpf4j.linux.internal.event;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.ebpf4j.EventReader;
import org.ebpf4j.MapException;
import org.ebpf4j.error.Errno;

/// The reader of a map, as its user holds it: waiting with a deadline, and closing while another
/// thread, or the handler itself, is in [#poll]. What lies under it is closed once, when no poll is
/// under way.
public final class MapReader implements EventReader {
  private final EventRings rings;
  private final String map;
  private final Runnable onClose;
  private final ReentrantLock polling = new ReentrantLock();
  private volatile boolean closed;
  private boolean left;

  /// @param map its name
  /// @param onClose what to do when it is closed
  public MapReader(EventRings rings, String map, Runnable onClose) {
    this.rings = rings;
    this.map = map;
    this.onClose = onClose;
  }

  @Override
  public int poll(Duration timeout, Handler handler) {
    Deadline deadline = Deadline.after(timeout);
    polling.lock();
    try {
      if (closed) {
        throw new MapException(map, "poll", Errno.EBADF, "the reader is closed");
      }
      int count = consume(handler);
      while (count == 0 && !closed && deadline.goesOn()) {
        rings.await(deadline.slice());
        count = consume(handler);
      }
      return count;
    } finally {
      leaveOnce();
      polling.unlock();
    }
  }

  private int consume(Handler handler) {
    return rings.consume(handler, this::isOpen);
  }

  private boolean isOpen() {
    return !closed;
  }

  @Override
  public long lost() {
    return rings.lost();
  }

  @Override
  public void close() {
    closed = true;
    polling.lock();
    try {
      leaveOnce();
    } finally {
      polling.unlock();
    }
  }

  /// Not while the handler of a poll closes this: the poll does it when it ends.
  private void leaveOnce() {
    if (closed && !left && polling.getHoldCount() == 1) {
      left = true;
      rings.close();
      onClose.run();
    }
  }
}
