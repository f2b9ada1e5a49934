package org.ebpf4j.runtime.internal.helper;

import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.SocketOption;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// Options of the socket that the context is about; the environment keeps them. Source:
/// `__bpf_setsockopt` and its like in `net/core/filter.c` of Linux 6.18.
enum SocketOptionHelpers implements HelperBody {
  SETSOCKOPT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (!takes((int) b, (int) c, e, true)) {
        return Errno.EINVAL.negated();
      }
      SocketOption option = new SocketOption((int) b, (int) c);
      return run.environment().setSocketOption(option, Memory.bytes(d, (int) e))
          ? 0
          : Errno.EINVAL.negated();
    }
  },

  /// Leaves zeros where it fails.
  GETSOCKOPT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      Memory.fill(d, e, (byte) 0);
      if (!takes((int) b, (int) c, e, false)) {
        return Errno.EINVAL.negated();
      }
      Optional<byte[]> value = run.environment().socketOption(new SocketOption((int) b, (int) c));
      if (value.isEmpty()) {
        return Errno.EINVAL.negated();
      }
      Memory.copy(value.get(), 0, d, (int) Math.min(value.get().length, e));
      return 0;
    }
  };

  // Levels.
  private static final int IP = 0;
  private static final int SOCKET = 1;
  private static final int TCP = 6;
  private static final int IPV6 = 41;

  // Options whose values are no ints.
  private static final int BIND_TO_DEVICE = 25;
  private static final int CONGESTION = 13;
  private static final int SAVED_SYN = 28;

  /// Whether programs may use an option with a value of this size.
  private static boolean takes(int level, int name, long size, boolean set) {
    boolean number = size == Integer.BYTES;
    return switch (level) {
      case SOCKET ->
          switch (name) {
            case 2, 7, 8, 9, 12, 15, 18, 36, 47, 74 -> number;
            case BIND_TO_DEVICE -> true;
            default -> false;
          };
      case TCP ->
          switch (name) {
            case 1, 2, 4, 5, 6, 7, 10, 16, 18, 25, 27, 44 -> number;
            case CONGESTION -> size >= 2;
            case SAVED_SYN -> !set;
            case 1001, 1002, 1003, 1004 -> set && number;
            default -> false;
          };
      case IP -> name == 1 && number;
      case IPV6 -> (name == 67 || name == 70) && number;
      default -> false;
    };
  }
}
