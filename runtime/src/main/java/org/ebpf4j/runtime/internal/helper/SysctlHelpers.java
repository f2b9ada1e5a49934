package org.ebpf4j.runtime.internal.helper;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.Sysctl;
import org.ebpf4j.runtime.internal.context.SysctlContext;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// The kernel setting that somebody reads or writes. Which one that is, the environment says;
/// whether it is written, the context. Source: `kernel/bpf/cgroup.c` of Linux 6.18.
enum SysctlHelpers implements HelperBody {
  /// The name with its path below `/proc/sys`, or without.
  SYSCTL_GET_NAME {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Optional<Sysctl> setting = run.environment().sysctl();
      if (setting.isEmpty()) {
        return Errno.EINVAL.negated();
      }
      String name = setting.get().name();
      byte[] shown = bytes((d & BASE_NAME) != 0 ? name.substring(name.lastIndexOf('/') + 1) : name);
      int copied = (int) Math.min(shown.length, c - 1);
      Memory.copy(shown, 0, b, copied);
      Memory.putByte(b + copied, (byte) 0);
      return copied < shown.length ? Errno.E2BIG.negated() : copied;
    }
  },

  SYSCTL_GET_CURRENT_VALUE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return copy(run.environment().sysctl().map(Sysctl::value), b, c);
    }
  },

  /// What is being written, or what the program has put in its place.
  SYSCTL_GET_NEW_VALUE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return copy(newValue(run), b, c);
    }
  },

  SYSCTL_SET_NEW_VALUE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (newValue(run).isEmpty() || !(run.context() instanceof SysctlContext context)) {
        return Errno.EINVAL.negated();
      }
      if (c > MOST_VALUE) {
        return Errno.E2BIG.negated();
      }
      String value = new String(Memory.bytes(b, (int) c), StandardCharsets.UTF_8);
      context.replace(value);
      run.environment().setSysctl(value);
      return 0;
    }
  };

  /// `BPF_F_SYSCTL_BASE_NAME`.
  private static final long BASE_NAME = 1;

  /// `PAGE_SIZE` less one.
  private static final int MOST_VALUE = 4095;

  private static Optional<String> newValue(Run run) {
    return run.context() instanceof SysctlContext context && context.isWrite()
        ? context.replacement().or(() -> run.environment().sysctl().flatMap(Sysctl::written))
        : Optional.empty();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// The value with zeros behind it, and its length; `E2BIG` and as much as fits, `EINVAL` and
  /// zeros if there is none (`copy_sysctl_value`).
  private static long copy(Optional<String> value, long to, long size) {
    Memory.fill(to, size, (byte) 0);
    byte[] shown = bytes(value.orElse(""));
    if (shown.length == 0) {
      return Errno.EINVAL.negated();
    }
    Memory.copy(shown, 0, to, (int) Math.min(shown.length, size - 1));
    return size > shown.length ? shown.length : Errno.E2BIG.negated();
  }
}
