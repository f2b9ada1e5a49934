package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Run;

/// States of IPsec, of which this host has none: they are looked for, as in a Linux without any.
///
/// Source: Linux 6.18's `net/xfrm/xfrm_state_bpf.c`.
enum TransformFunctions implements HelperBody {
  BPF_XDP_GET_XFRM_STATE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (b != 0 && c >= Integer.BYTES) {
        Memory.putInt(b, error(b, (int) c).negated());
      }
      return 0;
    }
  },

  BPF_XDP_XFRM_STATE_RELEASE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      throw new Fault(ProgramFault.Kind.CALL, a, "this run has no state of IPsec to give back");
    }
  };

  /// `sizeof(struct bpf_xfrm_state_opts)`, and where its `netns_id` is.
  private static final int OPTIONS = 36;

  private static final int NAMESPACE = 4;

  /// `BPF_F_CURRENT_NETNS`; others are absent.
  private static final int CURRENT_NAMESPACE = -1;

  private static Errno error(long options, int size) {
    if (size != OPTIONS) {
      return Errno.EINVAL;
    }
    int namespace = Memory.getInt(options + NAMESPACE);
    if (namespace < CURRENT_NAMESPACE) {
      return Errno.EINVAL;
    }
    return namespace == CURRENT_NAMESPACE ? Errno.ENOENT : Errno.ENONET;
  }
}
