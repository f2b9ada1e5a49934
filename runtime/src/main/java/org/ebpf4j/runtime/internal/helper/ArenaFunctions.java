package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.map.ArenaMap;
import org.ebpf4j.runtime.internal.run.Run;

/// Pages of arenas. Source: `kernel/bpf/arena.c`.
enum ArenaFunctions implements HelperBody {
  /// The address of the first of some pages, as users see it, or 0. There is one NUMA node.
  BPF_ARENA_ALLOC_PAGES {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.map(a) instanceof ArenaMap arena && e == 0
          ? arena.allocate(b, Integer.toUnsignedLong((int) c))
          : 0;
    }
  },

  BPF_ARENA_FREE_PAGES {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (run.map(a) instanceof ArenaMap arena && b != 0) {
        arena.release(b, Integer.toUnsignedLong((int) c));
      }
      return 0;
    }
  },

  BPF_ARENA_RESERVE_PAGES {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.map(a) instanceof ArenaMap arena
          ? arena.reserve(b, Integer.toUnsignedLong((int) c))
          : Errno.EINVAL.negated();
    }
  }
}
