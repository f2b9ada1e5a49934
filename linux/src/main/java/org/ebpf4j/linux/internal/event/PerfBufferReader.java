package org.ebpf4j.linux.internal.event;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.ebpf4j.EventReader.Handler;
import org.ebpf4j.error.Errno;
import org.ebpf4j.sys.Descriptor;
import org.ebpf4j.sys.Epoll;
import org.ebpf4j.sys.SystemCallException;

/// Reads a perf event array: one ring for each CPU, which it puts into the map.
public final class PerfBufferReader implements EventRings {
  /// Puts a ring into the map.
  @FunctionalInterface
  public interface Slots {
    void put(int slot, Descriptor ring);
  }

  /// Which CPU sends to which slot of the map.
  ///
  /// @param optional whether to do without where the CPU is off
  public record Sender(int cpu, int slot, boolean optional) {
    /// Every CPU to the slot of its number, those that are off left out.
    public static List<Sender> each(int cpus) {
      return IntStream.range(0, cpus).mapToObj(cpu -> new Sender(cpu, cpu, true)).toList();
    }
  }

  private final Slots map;
  private final Epoll epoll = new Epoll();
  private final List<PerfRing> rings = new ArrayList<>();

  /// @throws SystemCallException if a ring cannot be made or put into the map
  public PerfBufferReader(Slots map, List<Sender> senders) {
    this.map = map;
    try {
      senders.forEach(this::open);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private void open(Sender sender) {
    PerfRing ring;
    try {
      ring = new PerfRing(sender.cpu());
    } catch (SystemCallException e) {
      if (sender.optional() && e.errno() == Errno.ENODEV.number()) {
        return; // that CPU is off
      }
      throw e;
    }
    rings.add(ring);
    map.put(sender.slot(), ring.descriptor());
    epoll.add(ring.descriptor().acquire(), sender.cpu());
    ring.descriptor().release();
  }

  @Override
  public void await(int milliseconds) {
    epoll.await(milliseconds);
  }

  @Override
  public int consume(Handler handler, BooleanSupplier goesOn) {
    int count = 0;
    for (PerfRing ring : rings) {
      count += ring.consume(handler, goesOn);
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

  /// Closing a ring's event takes it out of the map.
  @Override
  public void close() {
    epoll.close();
    rings.forEach(PerfRing::close);
  }
}
