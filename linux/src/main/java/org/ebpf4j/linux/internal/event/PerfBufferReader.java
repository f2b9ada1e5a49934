package org.ebpf4j.linux.internal.event;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.EventReader;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.internal.map.KernelMap;
import org.ebpf4j.sys.Epoll;
import org.ebpf4j.sys.SystemCallException;

/// Reads a perf event array: one ring for each CPU, which it puts into the map.
public final class PerfBufferReader implements EventReader {
  private final KernelMap map;
  private final Runnable onClose;
  private final Epoll epoll = new Epoll();
  private final List<PerfRing> rings = new ArrayList<>();

  /// @param cpus CPUs the machine may have; those that are off now get no ring
  /// @param onClose what to do when it is closed
  public PerfBufferReader(KernelMap map, int cpus, Runnable onClose) {
    this.map = map;
    this.onClose = onClose;
    int slots = (int) Math.min(cpus, Integer.toUnsignedLong(map.spec().maxEntries()));
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
    map.putDescriptor(key(cpu), ring.descriptor());
    epoll.add(ring.descriptor().acquire(), cpu);
    ring.descriptor().release();
  }

  private static byte[] key(int cpu) {
    return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(cpu).array();
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
