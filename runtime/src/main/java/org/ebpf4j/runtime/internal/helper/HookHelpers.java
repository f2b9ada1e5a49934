package org.ebpf4j.runtime.internal.helper;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.IpAddress;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// What programs do at single hooks with what the kernel hands them there; the environment knows
/// these things, or takes what is to be done. Sources: `kernel/trace/bpf_trace.c`,
/// `kernel/bpf/bpf_lsm.c`, `net/ipv4/bpf_tcp_ca.c`, `net/core/filter.c`,
/// `drivers/media/rc/bpf-lirc.c` of Linux 6.18.
enum HookHelpers implements HelperBody {
  /// The path with a NUL at its end, and how long that is. One that is too long leaves the buffer
  /// as it is.
  D_PATH {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (c == 0) {
        return 0;
      }
      Optional<String> path = run.environment().path(a);
      if (path.isEmpty()) {
        return Errno.EFAULT.negated();
      }
      byte[] name = path.get().getBytes(StandardCharsets.UTF_8);
      if (name.length >= c) {
        return Errno.ENAMETOOLONG.negated();
      }
      Memory.copy(name, 0, b, name.length);
      Memory.putByte(b + name.length, (byte) 0);
      return name.length + 1L;
    }
  },

  BPRM_OPTS_SET {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if ((b & ~SECURE) != 0) {
        return Errno.EINVAL.negated();
      }
      run.environment().setSecureExecution((b & SECURE) != 0);
      return 0;
    }
  },

  TCP_SEND_ACK {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      run.environment().acknowledge((int) b);
      return 0;
    }
  },

  RC_KEYDOWN {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      run.environment().keyDown((int) b, c, (int) d != 0);
      return 0;
    }
  },

  RC_REPEAT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      run.environment().keyRepeat();
      return 0;
    }
  },

  RC_POINTER_REL {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      run.environment().movePointer((int) b, (int) c);
      return 0;
    }
  },

  BIND {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (c < Short.BYTES) {
        return Errno.EINVAL.negated();
      }
      int addressBytes =
          switch (Memory.getShort(b)) {
            case INET -> IPV4;
            case INET6 -> IPV6;
            default -> 0;
          };
      if (addressBytes == 0) {
        return Errno.EAFNOSUPPORT.negated();
      }
      if (c < (addressBytes == IPV4 ? SOCKADDR_IN : SOCKADDR_IN6)) {
        return Errno.EINVAL.negated();
      }
      int port = Short.reverseBytes(Memory.getShort(b + PORT)) & 0xffff;
      long at = b + (addressBytes == IPV4 ? ADDRESS_IN : ADDRESS_IN6);
      return run.environment().bind(IpAddress.of(Memory.bytes(at, addressBytes)), port)
          ? 0
          : Errno.EADDRNOTAVAIL.negated();
    }
  };

  /// `BPF_F_BPRM_SECUREEXEC`.
  private static final long SECURE = 1;

  // `struct sockaddr_in` and `struct sockaddr_in6`, the latter without scope (`SIN6_LEN_RFC2133`).
  private static final short INET = 2;
  private static final short INET6 = 10;
  private static final int IPV4 = 4;
  private static final int IPV6 = 16;
  private static final int SOCKADDR_IN = 16;
  private static final int SOCKADDR_IN6 = 24;
  private static final int PORT = 2;
  private static final int ADDRESS_IN = 4;
  private static final int ADDRESS_IN6 = 8;
}
