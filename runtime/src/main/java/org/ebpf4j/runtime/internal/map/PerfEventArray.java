package org.ebpf4j.runtime.internal.map;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.ebpf4j.EventReader;
import org.ebpf4j.MapException;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;
import org.jspecify.annotations.Nullable;

/// `BPF_MAP_TYPE_PERF_EVENT_ARRAY`: a ring for each CPU, there while a reader is.
///
/// Source: Linux 6.18's `kernel/trace/bpf_trace.c` (`__bpf_perf_event_output`) and
/// `kernel/bpf/arraymap.c`.
public final class PerfEventArray extends IndexedMap implements EventSource {
  /// `BPF_F_INDEX_MASK`; all ones is `BPF_F_CURRENT_CPU`.
  public static final long INDEX_MASK = 0xffff_ffffL;

  /// Bytes of a CPU's ring: 64 pages.
  private static final long RING = 64 * 4096;

  private final AtomicReferenceArray<@Nullable PerfRing> rings;
  private final Waiter reader = new Waiter();
  private final ReaderSeat seat = new ReaderSeat(this);

  PerfEventArray(MapSpec spec, MapSite site) {
    super(spec, site);
    // An index beyond the CPUs has no ring that could be written to.
    this.rings =
        new AtomicReferenceArray<>(
            (int) Math.min(site.cpus(), Integer.toUnsignedLong(spec.maxEntries())));
  }

  /// `bpf_perf_event_output`: appends a record made of the program's bytes and, for network
  /// programs, bytes of the packet after them.
  ///
  /// @param flags the index, or `BPF_F_CURRENT_CPU`; other bits must be 0 here, `BPF_F_CTXLEN_MASK`
  ///   is the caller's to take away
  /// @return 0; `EINVAL` for flags, `E2BIG` for the index or too much data, `ENOENT` if nobody
  ///   reads that CPU, `EOPNOTSUPP` for a CPU that is not this one, `ENOSPC` if the ring is full
  public int output(int cpu, long flags, long data, long size, long packet, long packetSize) {
    if ((flags & ~INDEX_MASK) != 0) {
      return Errno.EINVAL.negated();
    }
    long index = flags == INDEX_MASK ? cpu : flags;
    if (index >= Integer.toUnsignedLong(spec().maxEntries())
        || size + packetSize + PerfRing.HEADER > PerfRing.MAX_RECORD) {
      return Errno.E2BIG.negated();
    }
    PerfRing ring = index < rings.length() ? rings.get((int) index) : null;
    if (ring == null) {
      return Errno.ENOENT.negated();
    }
    if (index != cpu) {
      return Errno.EOPNOTSUPP.negated();
    }
    boolean written = ring.append(data, size, packet, packetSize);
    reader.wake();
    return written ? 0 : Errno.ENOSPC.negated();
  }

  @Override
  public EventReader openReader() {
    seat.take();
    PerfRing[] opened = new PerfRing[rings.length()];
    for (int cpu = 0; cpu < opened.length; cpu++) {
      Optional<Block> block = site().tryAllocate(PerfRing.bytes(RING), 64);
      if (block.isEmpty()) {
        close(Arrays.copyOf(opened, cpu));
        throw new MapException(
            spec().name(), "events", Errno.ENOMEM, "no memory for a ring for each CPU");
      }
      opened[cpu] = new PerfRing(block.get(), RING);
      rings.set(cpu, opened[cpu]);
    }
    return new PerfEventReader(this, reader, opened);
  }

  /// Ends what [#openReader] began.
  void close(PerfRing[] opened) {
    for (int cpu = 0; cpu < opened.length; cpu++) {
      rings.set(cpu, null);
      Block block = opened[cpu].block;
      site().epochs().retire(block::free, block.size());
    }
    seat.leave();
  }

  @Override
  public int update(long key, long value, long flags, int cpu) {
    return Errno.EINVAL.negated();
  }

  @Override
  public int delete(long key, int cpu) {
    return Integer.compareUnsigned(Memory.getInt(key), spec().maxEntries()) >= 0
        ? Errno.E2BIG.negated()
        : Errno.ENOENT.negated();
  }

  @Override
  long at(int index, int cpu) {
    return 0;
  }

  @Override
  protected void free() {
    // The rings are the reader's.
  }

  @Override
  public boolean readable(long address, int size) {
    return false;
  }

  @Override
  public boolean writable(long address, int size) {
    return false;
  }
}
