package org.ebpf4j.runtime.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.junit.jupiter.api.Test;

class BasicHelpersTest {

  private static TestRun fixed() {
    return new TestRun(
        FixedEnvironment.builder()
            .monotonicNanos(5_001_234_567L)
            .seed(1)
            .process(100, 101)
            .user(1000, 50)
            .threadName("a-name-longer-than-15-bytes")
            .build());
  }

  @Test
  void theEnvironmentAnswers() {
    try (TestRun run = fixed()) {
      assertThat(run.call("ktime_get_ns")).isEqualTo(5_001_234_567L);
      assertThat(run.call("ktime_get_coarse_ns")).isEqualTo(5_001_000_000L);
      assertThat(run.call("jiffies64")).isEqualTo(0x1_0000_0000L - 300_000 + 5001);
      assertThat(run.call("get_current_pid_tgid")).isEqualTo(100L << 32 | 101);
      assertThat(run.call("get_current_uid_gid")).isEqualTo(50L << 32 | 1000);
    }
  }

  @Test
  void randomNumbersFollowFromTheSeed() {
    try (TestRun first = fixed();
        TestRun second = fixed()) {
      for (int i = 0; i < 100; i++) {
        long number = first.call("get_prandom_u32");
        assertThat(number).isBetween(0L, 0xffff_ffffL).isEqualTo(second.call("get_prandom_u32"));
      }
      assertThat(first.call("get_prandom_u32")).isNotEqualTo(first.call("get_prandom_u32"));
    }
  }

  @Test
  void namesAreCutTo15Bytes() {
    try (TestRun run = fixed()) {
      long to = run.allocate(16);
      assertThat(run.call("get_current_comm", to, 16)).isZero();
      assertThat(run.text(to)).isEqualTo("a-name-longer-t");
      assertThat(run.call("get_current_comm", to, 4)).isZero();
      assertThat(run.text(to)).isEqualTo("a-n");
    }
  }

  @Test
  void probesReadWhatTheRunMayReadAndZeroTheRest() {
    try (TestRun run = fixed()) {
      long from = run.bytes(1, 2, 3, 4);
      long to = run.bytes(9, 9, 9, 9);
      assertThat(run.call("probe_read_kernel", to, 4, from)).isZero();
      assertThat(Memory.getInt(to)).isEqualTo(0x04030201);
      assertThat(run.call("probe_read_user", to, 4, 0xffff_8880_0000_0000L))
          .isEqualTo(Errno.EFAULT.negated());
      assertThat(Memory.getInt(to)).isZero();
    }
  }

  /// As Linux on x86 has it: measured by `BPF_PROG_TEST_RUN`.
  @Test
  void probesTellWhatCannotBeTheKernelsFromWhatIsNotThere() {
    try (TestRun run = fixed()) {
      long to = run.allocate(4);
      long noAddress = 0xdead_0000_0000_0000L;
      long kernels = 0xffff_8000_0000_0000L;
      assertThat(run.call("probe_read_kernel", to, 4, 0)).isEqualTo(Errno.ERANGE.negated());
      assertThat(run.call("probe_read_kernel_str", to, 4, 8)).isEqualTo(Errno.ERANGE.negated());
      assertThat(run.call("probe_read_kernel", to, 4, noAddress)).isEqualTo(Errno.ERANGE.negated());
      assertThat(run.call("probe_read_kernel", to, 4, kernels)).isEqualTo(Errno.EFAULT.negated());
      assertThat(run.call("probe_read_user", to, 4, 16)).isEqualTo(Errno.EFAULT.negated());
      assertThat(run.call("probe_read", to, 4, 16)).isEqualTo(Errno.EFAULT.negated());
      assertThat(run.call("probe_read", to, 4, noAddress)).isEqualTo(Errno.ERANGE.negated());
      long end = run.bytes(1, 2) + 1;
      assertThat(run.call("probe_read_kernel", to, 4, end)).isEqualTo(Errno.EFAULT.negated());
    }
  }

  @Test
  void probedStringsAreCutAndEnd() {
    try (TestRun run = fixed()) {
      long from = run.string("hello");
      long to = run.allocate(16);
      assertThat(run.call("probe_read_kernel_str", to, 16, from)).isEqualTo(6);
      assertThat(run.text(to)).isEqualTo("hello");
      assertThat(run.call("probe_read_str", to, 3, from)).isEqualTo(3);
      assertThat(run.text(to)).isEqualTo("he");
      assertThat(run.call("probe_read_user_str", to, 16, 8)).isEqualTo(Errno.EFAULT.negated());
      assertThat(run.call("probe_read_user_str", to, 0, from)).isZero();
    }
  }
}
