package org.ebpf4j.runtime.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.ConnectionTable;
import org.ebpf4j.runtime.ConnectionTable.Connection;
import org.ebpf4j.runtime.ConnectionTable.Flow;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.IpAddress;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Fault;
import org.junit.jupiter.api.Test;

/// Connections as the application sees them; what programs see, the behaviour suite shows.
class ConnectionFunctionsTest {
  private static final Flow FLOW =
      new Flow(6, IpAddress.of("192.0.2.9"), 1234, IpAddress.of("192.0.2.5"), 80);

  private final ConnectionTable table = new ConnectionTable();

  private TestRun at(long nanos) {
    return new TestRun(FixedEnvironment.builder().connections(table).monotonicNanos(nanos).build());
  }

  /// `struct bpf_ct_opts` for TCP in the current namespace.
  private static long options(TestRun run) {
    return run.bytes(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0);
  }

  private static long tuple(TestRun run) {
    return run.bytes(192, 0, 2, 9, 192, 0, 2, 5, 1234 >> 8, 1234 & 0xff, 0, 80);
  }

  private static long lookup(TestRun run) {
    return run.function("bpf_xdp_ct_lookup", 0, tuple(run), 12, options(run), 16);
  }

  private static long make(TestRun run) {
    return run.function("bpf_xdp_ct_alloc", 0, tuple(run), 12, options(run), 16);
  }

  @Test
  void connectionsOfTheApplicationAreFound() {
    table.add(Connection.of(FLOW, 42));
    try (TestRun run = at(0)) {
      long found = lookup(run);
      assertThat(found).isNotZero();
      run.function("bpf_ct_release", found);
      assertThatThrownBy(() -> run.function("bpf_ct_release", found)).isInstanceOf(Fault.class);
    }
  }

  @Test
  void connectionsAreThereUntilTheyExpire() {
    long second = 1_000_000_000L;
    try (TestRun run = at(5 * second)) {
      long made = make(run);
      run.function("bpf_ct_set_timeout", made, 2000);
      assertThat(run.function("bpf_ct_insert_entry", made)).isEqualTo(made);
      run.function("bpf_ct_release", made);
    }
    assertThat(table.connections())
        .singleElement()
        .satisfies(made -> {
          assertThat(made.original()).isEqualTo(FLOW);
          assertThat(made.reply()).isEqualTo(FLOW.reversed());
          assertThat(made.expires()).isEqualTo(7 * second);
          assertThat(made.status()).isEqualTo(ConnectionTable.CONFIRMED);
        });
    try (TestRun run = at(7 * second - 1)) {
      assertThat(lookup(run)).isNotZero();
    }
    try (TestRun run = at(7 * second)) {
      assertThat(lookup(run)).isZero();
    }
    assertThat(table.connections()).isEmpty();
  }

  @Test
  void repliesOfTranslatedConnectionsGoToAnotherAddress() {
    try (TestRun run = at(0)) {
      long made = make(run);
      long address = run.bytes(10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
      assertThat(run.function("bpf_ct_set_nat_info", made, address, 99, 0)).isZero();
      assertThat(run.function("bpf_ct_set_nat_info", made, address, 98, 1)).isZero();
      assertThat(run.function("bpf_ct_set_nat_info", made, address, 98, 1))
          .as("twice")
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(run.function("bpf_ct_set_nat_info", made, address, 65536, 0))
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(run.function("bpf_ct_insert_entry", made)).isEqualTo(made);
    }
    IpAddress other = IpAddress.of("10.0.0.1");
    assertThat(table.connections())
        .singleElement()
        .satisfies(made -> assertThat(made.reply()).isEqualTo(new Flow(6, other, 98, other, 99)));
  }

  @Test
  void aTimeoutThatIsFixedStays() {
    table.add(
        new Connection(
            0, FLOW, FLOW.reversed(), 0, ConnectionTable.CONFIRMED | 1 << 10, Long.MAX_VALUE));
    try (TestRun run = at(0)) {
      long found = lookup(run);
      assertThat(run.function("bpf_ct_change_timeout", found, 1)).isEqualTo(Errno.EPERM.negated());
    }
  }

  @Test
  void whatIsNotThereLeavesItsReason() {
    try (TestRun run = at(0)) {
      long options = options(run);
      assertThat(run.function("bpf_xdp_ct_lookup", 0, tuple(run), 12, options, 16)).isZero();
      assertThat(Memory.getInt(options + 4)).isEqualTo(Errno.ENOENT.negated());
    }
  }
}
