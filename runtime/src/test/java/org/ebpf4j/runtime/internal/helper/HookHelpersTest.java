package org.ebpf4j.runtime.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.Environment;
import org.ebpf4j.runtime.IpAddress;
import org.ebpf4j.runtime.LiveEnvironment;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.junit.jupiter.api.Test;

/// What programs do at hooks where Linux has no test run. Errors are those of `bpf_d_path` in
/// `kernel/trace/bpf_trace.c`, `bpf_bprm_opts_set` in `kernel/bpf/bpf_lsm.c` and `bpf_bind` in
/// `net/core/filter.c` of Linux 6.18.
class HookHelpersTest {
  private static final long PATH = 0x1234;

  private final List<String> done = new ArrayList<>();

  private final Environment environment =
      new Environment() {
        private final Environment live = new LiveEnvironment();

        @Override
        public long monotonicNanos() {
          return live.monotonicNanos();
        }

        @Override
        public long taiNanos() {
          return live.taiNanos();
        }

        @Override
        public int random() {
          return 4;
        }

        @Override
        public long processAndThread() {
          return live.processAndThread();
        }

        @Override
        public long groupAndUser() {
          return 0;
        }

        @Override
        public String threadName() {
          return "test";
        }

        @Override
        public Optional<String> path(long address) {
          return address == PATH ? Optional.of("/etc/passwd") : Optional.empty();
        }

        @Override
        public void setSecureExecution(boolean secure) {
          done.add("secure " + secure);
        }

        @Override
        public void acknowledge(int next) {
          done.add("acknowledge " + next);
        }

        @Override
        public void keyDown(int protocol, long scanCode, boolean toggle) {
          done.add("key %d %x %s".formatted(protocol, scanCode, toggle));
        }

        @Override
        public void keyRepeat() {
          done.add("repeat");
        }

        @Override
        public void movePointer(int right, int down) {
          done.add("move %d %d".formatted(right, down));
        }

        @Override
        public boolean bind(IpAddress address, int port) {
          done.add("bind %s %d".formatted(address, port));
          return port != 80;
        }
      };

  @Test
  void aPathHasAName() {
    try (TestRun run = new TestRun(environment)) {
      long to = run.bytes(9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9);
      assertThat(run.call("d_path", PATH, to, 11)).isEqualTo(Errno.ENAMETOOLONG.negated());
      assertThat(run.call("d_path", PATH, to, 12)).isEqualTo(12);
      assertThat(run.text(to)).isEqualTo("/etc/passwd");
      assertThat(run.call("d_path", PATH, to, 0)).isZero();
      assertThat(run.call("d_path", 0, to, 12)).isEqualTo(Errno.EFAULT.negated());
    }
  }

  @Test
  void executionsAreMarked() {
    try (TestRun run = new TestRun(environment)) {
      assertThat(run.call("bprm_opts_set", 0, 1)).isZero();
      assertThat(run.call("bprm_opts_set", 0, 0)).isZero();
      assertThat(run.call("bprm_opts_set", 0, 2)).isEqualTo(Errno.EINVAL.negated());
      assertThat(done).containsExactly("secure true", "secure false");
    }
  }

  @Test
  void acknowledgementsAreSent() {
    try (TestRun run = new TestRun(environment)) {
      assertThat(run.call("tcp_send_ack", 0, 77)).isZero();
      assertThat(done).containsExactly("acknowledge 77");
    }
  }

  @Test
  void remoteControlsPressKeysAndMovePointers() {
    try (TestRun run = new TestRun(environment)) {
      assertThat(run.call("rc_keydown", 0, 10, 0x1_0000_0045L, 2)).isZero();
      assertThat(run.call("rc_keydown", 0, 10, 0x45, 1L << 32)).isZero();
      assertThat(run.call("rc_repeat", 0)).isZero();
      assertThat(run.call("rc_pointer_rel", 0, -3, 4)).isZero();
      assertThat(done)
          .as("the toggle is a number of 32 bits")
          .containsExactly("key 10 100000045 true", "key 10 45 false", "repeat", "move -3 4");
    }
  }

  @Test
  void socketsAreBoundToAddressesOfBothFamilies() {
    try (TestRun run = new TestRun(environment)) {
      long ipv4 = run.bytes(2, 0, 0x1f, 0x90, 192, 0, 2, 5, 0, 0, 0, 0, 0, 0, 0, 0);
      assertThat(run.call("bind", 0, ipv4, 16)).isZero();
      assertThat(run.call("bind", 0, ipv4, 15)).isEqualTo(Errno.EINVAL.negated());
      long ipv6 = run.allocate(28);
      Memory.putShort(ipv6, (short) 10);
      Memory.putByte(ipv6 + 3, (byte) 80);
      Memory.putByte(ipv6 + 23, (byte) 1);
      assertThat(run.call("bind", 0, ipv6, 28)).isEqualTo(Errno.EADDRNOTAVAIL.negated());
      assertThat(run.call("bind", 0, ipv6, 23)).isEqualTo(Errno.EINVAL.negated());
      assertThat(done)
          .containsExactly(
              "bind " + IpAddress.of("192.0.2.5") + " 8080", "bind " + IpAddress.of("::1") + " 80");
      assertThat(run.call("bind", 0, run.bytes(7, 0, 0, 0), 4))
          .isEqualTo(Errno.EAFNOSUPPORT.negated());
      assertThat(run.call("bind", 0, ipv4, 1)).isEqualTo(Errno.EINVAL.negated());
    }
  }

  @Test
  void whatThisHostDoesNotHaveIsSaidToBeAbsent() {
    try (TestRun run = new TestRun(environment)) {
      long attributes = run.allocate(64);
      assertThat(run.call("sys_bpf", 0, attributes, 64)).isEqualTo(Errno.EPERM.negated());
      assertThat(run.call("sys_bpf", 99, attributes, 64)).isEqualTo(Errno.EINVAL.negated());
      assertThat(run.call("sys_close", 3)).isEqualTo(Errno.EBADF.negated());
      assertThat(run.call("task_pt_regs", 0)).isZero();
    }
  }
}
