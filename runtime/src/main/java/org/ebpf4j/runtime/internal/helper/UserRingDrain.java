package org.ebpf4j.runtime.internal.helper;

import java.lang.foreign.Arena;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.map.RingBuffer;
import org.ebpf4j.runtime.internal.map.UserRingBuffer;
import org.ebpf4j.runtime.internal.memory.Region;
import org.ebpf4j.runtime.internal.run.Run;

/// The bytes that a callback of `bpf_user_ringbuf_drain` may touch: the record, which it may write
/// as well, and the dynptr over it.
///
/// Source: `bpf_user_ringbuf_drain` in Linux 6.18's `kernel/bpf/ringbuf.c`.
final class UserRingDrain extends Region {
  /// `BPF_MAX_USER_RINGBUF_SAMPLES`.
  private static final int MOST_RECORDS = 128 * 1024;

  private static final int DYNPTR_BYTES = Dynptr.BYTES;

  private final UserRingBuffer ring;
  private final long dynptr;
  private long record;
  private int length;

  private UserRingDrain(UserRingBuffer ring, long dynptr) {
    this.ring = ring;
    this.dynptr = dynptr;
  }

  /// Calls `long callback(dynptr, context)` for each record until one gives 1; the number of
  /// records taken, or a negated errno.
  static long drain(Run run, UserRingBuffer ring, long function, long context, long flags) {
    if ((flags & ~(RingBuffer.NO_WAKEUP | RingBuffer.FORCE_WAKEUP)) != 0) {
      return Errno.EINVAL.negated();
    }
    int busy = ring.beginDrain();
    if (busy != 0) {
      return busy;
    }
    int taken = 0;
    try (Arena arena = Arena.ofConfined()) {
      UserRingDrain drain =
          new UserRingDrain(ring, arena.allocate(DYNPTR_BYTES, Long.BYTES).address());
      run.resources().remember(drain);
      try {
        while (taken < MOST_RECORDS && drain.show(run, function, context)) {
          taken++;
        }
        return (long) taken + drain.stopped;
      } finally {
        run.resources().forget(drain);
      }
    } finally {
      ring.endDrain(flags, taken);
    }
  }

  /// 1 if the last record shown was taken and ended the drain.
  private int stopped;

  /// Shows one record; whether to go on.
  private boolean show(Run run, long function, long context) {
    record = ring.next();
    if (record == 0) {
      return false;
    }
    length = ring.length(record);
    Dynptr.init(dynptr, Dynptr.LOCAL, record, length, false);
    long result = run.call(function, dynptr, context, 0, 0, 0);
    ring.consume(record);
    record = 0;
    stopped = result == 0 ? 0 : 1;
    return result == 0;
  }

  @Override
  public String describe() {
    return "record of ring buffer " + ring.spec().name();
  }

  @Override
  public boolean readable(long address, int size) {
    return writable(address, size);
  }

  @Override
  public boolean writable(long address, int size) {
    return (record != 0 && address >= record && address <= record + length - size)
        || (address >= dynptr && address <= dynptr + DYNPTR_BYTES - size);
  }
}
