package org.ebpf4j.linux.internal.event;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.BooleanSupplier;
import org.ebpf4j.EventReader;
import org.ebpf4j.sys.Descriptor;
import org.ebpf4j.sys.Mapping;
import org.ebpf4j.sys.SystemCall;

/// The ring that programs on one CPU write with `bpf_perf_event_output`: a page of state (`struct
/// perf_event_mmap_page`), then data. A record is `struct perf_event_header` (type, misc, size),
/// then for samples 4 bytes of length and the bytes. Source: `include/uapi/linux/perf_event.h`.
final class PerfRing implements AutoCloseable {
  private static final int DATA_PAGES = 64;
  private static final long HEAD = 1024;
  private static final long TAIL = 1032;
  private static final int HEADER_BYTES = 8;
  private static final int LOST = 2;
  private static final int SAMPLE = 9;

  private static final int ATTRIBUTE_BYTES = 112;
  private static final int TYPE_SOFTWARE = 1;
  private static final int CONFIG_BPF_OUTPUT = 10;
  private static final long SAMPLE_RAW = 1 << 10;
  private static final long FLAG_CLOSE_ON_EXEC = 8;
  private static final long IOCTL_ENABLE = 0x2400;

  private final int cpu;
  private final Descriptor descriptor;
  private final Mapping mapping;
  private final long mask;
  private long lost;

  PerfRing(int cpu) {
    this.cpu = cpu;
    this.descriptor = open(cpu);
    long bytes = (long) DATA_PAGES * Mapping.pageSize();
    this.mask = bytes - 1;
    int number = descriptor.acquire();
    try {
      this.mapping =
          Mapping.shared(number, 0, Mapping.pageSize() + bytes, Mapping.READ | Mapping.WRITE);
      SystemCall.IOCTL.require(number, IOCTL_ENABLE, 0, 0, 0, 0);
    } catch (RuntimeException e) {
      descriptor.close();
      throw e;
    } finally {
      descriptor.release();
    }
  }

  private static Descriptor open(int cpu) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = arena.allocate(ATTRIBUTE_BYTES, 8);
      attributes.set(JAVA_INT, 0, TYPE_SOFTWARE);
      attributes.set(JAVA_INT, 4, ATTRIBUTE_BYTES);
      attributes.set(JAVA_LONG, 8, CONFIG_BPF_OUTPUT);
      attributes.set(JAVA_LONG, 16, 1); // sample_period
      attributes.set(JAVA_LONG, 24, SAMPLE_RAW);
      attributes.set(JAVA_INT, 48, 1); // wakeup_events
      return new Descriptor(
          (int)
              SystemCall.PERF_EVENT_OPEN.require(
                  attributes.address(), -1, cpu, -1, FLAG_CLOSE_ON_EXEC, 0));
    }
  }

  Descriptor descriptor() {
    return descriptor;
  }

  long lost() {
    return lost;
  }

  int consume(EventReader.Handler handler, BooleanSupplier goesOn) {
    MemorySegment memory = mapping.memory();
    long head = (long) RingBufferReader.LONG.getAcquire(memory, HEAD);
    long tail = (long) RingBufferReader.LONG.getAcquire(memory, TAIL);
    int count = 0;
    while (tail < head && goesOn.getAsBoolean()) {
      long at = tail & mask;
      MemorySegment ring = memory.asSlice(Mapping.pageSize());
      int size = Short.toUnsignedInt(ring.get(JAVA_SHORT_UNALIGNED, at + 6));
      MemorySegment whole = piece(ring, at, size);
      tail += size;
      try {
        switch (whole.get(JAVA_INT_UNALIGNED, 0)) {
          case SAMPLE -> {
            int length = whole.get(JAVA_INT_UNALIGNED, HEADER_BYTES);
            count++;
            handler.event(whole.asSlice(HEADER_BYTES + Integer.BYTES, length), cpu);
          }
          case LOST -> lost += whole.get(JAVA_LONG_UNALIGNED, HEADER_BYTES + Long.BYTES);
          default -> {
            // Records that were not asked for say nothing here.
          }
        }
      } finally {
        RingBufferReader.LONG.setRelease(memory, TAIL, tail);
      }
    }
    return count;
  }

  /// A record in one piece: in place, or copied together where it wraps around.
  private MemorySegment piece(MemorySegment ring, long at, int size) {
    long room = mask + 1 - at;
    if (size <= room) {
      return ring.asSlice(at, size).asReadOnly();
    }
    MemorySegment copy = MemorySegment.ofArray(new byte[size]);
    MemorySegment.copy(ring, at, copy, 0, room);
    MemorySegment.copy(ring, 0, copy, room, size - room);
    return copy;
  }

  @Override
  public void close() {
    mapping.close();
    descriptor.close();
  }
}
