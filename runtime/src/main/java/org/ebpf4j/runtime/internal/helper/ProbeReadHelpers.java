package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.run.Run;

/// Reads of memory that may not be there: what the run may read is, all else is not. Source:
/// `kernel/trace/bpf_trace.c`, `kernel/bpf/helpers.c`.
enum ProbeReadHelpers implements HelperBody {
  PROBE_READ {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return ProbeRead.bytes(run, a, (int) b, c, ProbeRead.Space.EITHER);
    }
  },

  PROBE_READ_KERNEL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return ProbeRead.bytes(run, a, (int) b, c, ProbeRead.Space.KERNEL);
    }
  },

  PROBE_READ_USER {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return ProbeRead.bytes(run, a, (int) b, c, ProbeRead.Space.USER);
    }
  },

  COPY_FROM_USER {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return ProbeRead.bytes(run, a, (int) b, c, ProbeRead.Space.USER);
    }
  },

  PROBE_READ_STR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return ProbeRead.string(run, a, (int) b, c, ProbeRead.Space.EITHER);
    }
  },

  PROBE_READ_KERNEL_STR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return ProbeRead.string(run, a, (int) b, c, ProbeRead.Space.KERNEL);
    }
  },

  PROBE_READ_USER_STR {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return ProbeRead.string(run, a, (int) b, c, ProbeRead.Space.USER);
    }
  },

  /// Writes nowhere: there is no process whose memory it could be.
  PROBE_WRITE_USER {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return Errno.EFAULT.negated();
    }
  };
}
