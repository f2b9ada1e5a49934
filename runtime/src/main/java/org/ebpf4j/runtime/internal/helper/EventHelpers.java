package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.PacketContext;
import org.ebpf4j.runtime.internal.map.PerfEventArray;
import org.ebpf4j.runtime.internal.map.RingBuffer;
import org.ebpf4j.runtime.internal.map.UserRingBuffer;
import org.ebpf4j.runtime.internal.run.Run;

/// Records for the application: perf events and ring buffers. Sources: `kernel/trace/bpf_trace.c`,
/// `net/core/filter.c`, `kernel/bpf/ringbuf.c`.
enum EventHelpers implements HelperBody {
  /// Network programs may ask for bytes of the packet too, in bits 32 to 51 of the flags.
  PERF_EVENT_OUTPUT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!(run.map(b) instanceof PerfEventArray events)) {
        return Errno.EINVAL.negated();
      }
      if (!(run.context() instanceof PacketContext context)) {
        return events.output(run.cpu(), c, d, e, 0, 0);
      }
      long length = c >>> 32 & PACKET_MASK;
      if (length > context.buffer().length()) {
        return Errno.EFAULT.negated();
      }
      return events.output(
          run.cpu(), c & ~(PACKET_MASK << 32), d, e, context.buffer().data(), length);
    }
  },

  SKB_OUTPUT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return ofTracedPacket(run, b, c, d, e);
    }
  },

  XDP_OUTPUT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return ofTracedPacket(run, b, c, d, e);
    }
  },

  RINGBUF_OUTPUT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.map(a) instanceof RingBuffer ring ? ring.output(b, c, d) : NO_RING;
    }
  },

  RINGBUF_QUERY {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.map(a) instanceof RingBuffer ring ? ring.query(b) : 0;
    }
  },

  RINGBUF_RESERVE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (c != 0 || !(run.map(a) instanceof RingBuffer ring)) {
        return 0;
      }
      return RingRecord.reserve(run, ring, b);
    }
  },

  RINGBUF_SUBMIT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return RingRecord.finish(run, a, b, false);
    }
  },

  RINGBUF_DISCARD {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return RingRecord.finish(run, a, b, true);
    }
  },

  RINGBUF_RESERVE_DYNPTR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (c != 0 || !(run.map(a) instanceof RingBuffer ring)) {
        Dynptr.clear(d);
        return Errno.EINVAL.negated();
      }
      if (Integer.toUnsignedLong((int) b) > Dynptr.MOST_BYTES) {
        Dynptr.clear(d);
        return Errno.E2BIG.negated();
      }
      long record = RingRecord.reserve(run, ring, Integer.toUnsignedLong((int) b));
      if (record == 0) {
        Dynptr.clear(d);
        return Errno.EINVAL.negated();
      }
      Dynptr.init(d, Dynptr.RING, record, (int) b, false);
      return 0;
    }
  },

  RINGBUF_SUBMIT_DYNPTR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return RingRecord.finishDynptr(run, a, b, false);
    }
  },

  RINGBUF_DISCARD_DYNPTR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return RingRecord.finishDynptr(run, a, b, true);
    }
  },

  USER_RINGBUF_DRAIN {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.map(a) instanceof UserRingBuffer ring
          ? UserRingDrain.drain(run, ring, b, c, d)
          : NO_RING;
    }
  };

  /// The packets that functions of the kernel work on are not here: a tracing program that asks for
  /// bytes of one gets `EFAULT`, as where the packet is too short.
  private static long ofTracedPacket(Run run, long map, long flags, long data, long size) {
    if (!(run.map(map) instanceof PerfEventArray events)) {
      return Errno.EINVAL.negated();
    }
    return (flags >>> 32 & PACKET_MASK) != 0
        ? Errno.EFAULT.negated()
        : events.output(run.cpu(), flags, data, size, 0, 0);
  }

  private static final long PACKET_MASK = 0xfffff;
  private static final long NO_RING = Errno.EINVAL.negated();
}
