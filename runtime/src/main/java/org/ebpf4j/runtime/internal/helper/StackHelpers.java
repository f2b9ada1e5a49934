package org.ebpf4j.runtime.internal.helper;

import java.lang.foreign.Arena;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.map.StackTraceMap;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Stack traces, as the environment gives them. Source: `kernel/bpf/stackmap.c`.
enum StackHelpers implements HelperBody {
  GET_STACKID {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      long[] frames = run.environment().stack((c & USER) != 0);
      if (!(run.map(b) instanceof StackTraceMap map)) {
        return Errno.EINVAL.negated();
      }
      if (frames.length == 0) {
        return Errno.EFAULT.negated();
      }
      try (Arena arena = Arena.ofConfined()) {
        long address = arena.allocate((long) frames.length * Long.BYTES, Long.BYTES).address();
        for (int i = 0; i < frames.length; i++) {
          Memory.putLong(address + (long) i * Long.BYTES, frames[i]);
        }
        return map.put(address, frames.length, c);
      }
    }
  },

  GET_STACK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Memory.fill(b, c, (byte) 0);
      if ((d & ~(SKIP | USER | BUILD_ID)) != 0 || (d & BUILD_ID) != 0 || c % Long.BYTES != 0) {
        return Errno.EINVAL.negated();
      }
      long[] frames = run.environment().stack((d & USER) != 0);
      int skip = (int) (d & SKIP);
      if (frames.length <= skip) {
        return Errno.EFAULT.negated();
      }
      int count = (int) Math.min(frames.length - skip, c / Long.BYTES);
      for (int i = 0; i < count; i++) {
        Memory.putLong(b + (long) i * Long.BYTES, frames[skip + i]);
      }
      return (long) count * Long.BYTES;
    }
  };

  private static final long SKIP = 0xff;
  private static final long USER = 1 << 8;
  private static final long BUILD_ID = 1 << 11;
}
