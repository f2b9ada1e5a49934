package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.map.FieldHolder;
import org.ebpf4j.runtime.internal.map.QueueOperations;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.object.KernelObject;
import org.ebpf4j.runtime.internal.run.Run;

/// Maps by key, and maps without keys. Source: `kernel/bpf/helpers.c`.
enum MapHelpers implements HelperBody {
  MAP_LOOKUP_ELEM {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      RuntimeMap map = run.map(a);
      long found = map.lookup(b, run.cpu());
      RuntimeMap inner = found == 0 ? null : map.inner(found);
      if (inner != null) {
        run.resources().rememberOnce(inner);
      }
      return found;
    }
  },

  MAP_UPDATE_ELEM {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.map(a).update(b, c, d, run.cpu());
    }
  },

  MAP_DELETE_ELEM {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.map(a).delete(b, run.cpu());
    }
  },

  MAP_LOOKUP_PERCPU_ELEM {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.map(a).lookupPerCpu(b, (int) c);
    }
  },

  MAP_PUSH_ELEM {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.map(a) instanceof QueueOperations queue ? queue.push(b, c) : UNSUPPORTED;
    }
  },

  MAP_POP_ELEM {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.map(a) instanceof QueueOperations queue ? queue.pop(b) : UNSUPPORTED;
    }
  },

  MAP_PEEK_ELEM {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return run.map(a) instanceof QueueOperations queue ? queue.peek(b) : UNSUPPORTED;
    }
  },

  /// Puts an object, whose reference the run gives away, or nothing into a field of a map value or
  /// object, and hands out the one that was there.
  KPTR_XCHG {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      FieldHolder holder = run.fieldHolder(a);
      if (b != 0) {
        KernelObject given = ObjectHold.take(run, b);
        given.keptBy(holder instanceof KernelObject outer ? outer.keeper() : (RuntimeMap) holder);
      }
      long before = Memory.getAndSetLong(a, b);
      return before == 0 ? 0 : ObjectHold.give(run, run.objects().at(before));
    }
  },

  /// Calls `long callback(map, key, value, context)` for each element until one gives other than 0.
  FOR_EACH_MAP_ELEM {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (d != 0) {
        return Errno.EINVAL.negated();
      }
      RuntimeMap map = run.map(a);
      return map.forEach(run.cpu(), new ElementCallback(run, map, a, b, c));
    }
  };

  private static final long UNSUPPORTED = Errno.ENOTSUPP.negated();
}
