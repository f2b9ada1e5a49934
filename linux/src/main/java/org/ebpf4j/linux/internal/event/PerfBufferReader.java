package org.ebpf4j.linux.internal.event;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.EventReader;
import org.ebpf4j.error.Errno;
import org.ebpf4j.sys.Descriptor;
import org.ebpf4j.sys.Epoll;
import org.ebpf4j.sys.SystemCallException;

/// Reads a perf event array: one ring for each CPU, which it puts into the map.
public final class PerfBufferReader implements EventReader {
  /// Puts a ring into the map.
  @FunctionalInterface
  public interface Slots {
    void put(int cpu, Descriptor ring);
  }

  private final Slots map;
  private final Runnable onClose;
  private final Epoll epoll = new Epoll();
  private final List<PerfRing> rings = new ArrayList<>();

  /// @param slots how many the map has, one for each CPU; a CPU that is off now gets no ring
  /// @param onClose what to do when it is closed
  public PerfBufferReader(Slots map, int slots, Runnable onClose) {
    this.map = map;
    this.onClose = onClose;
    try {
      for (int cpu = 0; cpu < slots; cpu++) {
        open(cpu);
      }
    } catch (RuntimeException e) {
      closeAll();
      throw e;
    }
  }

  private void open(int cpu) {
    PerfRing ring;
    try {
      ring = new PerfRing(cpu);
    } catch (SystemCallException e) {
      if (e.errno() == Errno.ENODEV.number()) {
        return; // that CPU is off
      }
      throw e;
    }
    rings.add(ring);
    map.put(cpu, ring.descriptor());
    epoll.add(ring.descriptor().acquire(), cpu);
    ring.descriptor().release();
  }

  @Override
  public int poll(Duration timeout, Handler handler) {
    Deadline deadline = Deadline.after(timeout);
    int count = consume(handler);
    while (count == 0 && !deadline.isOver()) {
      epoll.await(deadline.milliseconds());
      count = consume(handler);
    }
    return count;
  }

  private int consume(Handler handler) {
    int count = 0;
    for (PerfRing ring : rings) {
      count += ring.consume(handler);
    }
    return count;
  }

  @Override
  public long lost() {
    long lost = 0;
    for (PerfRing ring : rings) {
      lost += ring.lost();
    }
    return lost;
  }

  @Override
  public void close() {
    closeAll();
    onClose.run();
  }

  /// Closing a ring's event takes it out of the map.
  private void closeAll() {
    epoll.close();
    rings.forEach(PerfRing::close);
    rings.clear();
  }
}
