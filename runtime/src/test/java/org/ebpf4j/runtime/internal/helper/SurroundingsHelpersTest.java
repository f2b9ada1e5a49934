package org.ebpf4j.runtime.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.IpAddress;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.runtime.Network;
import org.ebpf4j.runtime.PidNamespace;
import org.ebpf4j.runtime.SocketOption;
import org.ebpf4j.runtime.Sysctl;
import org.ebpf4j.runtime.internal.context.Contexts;
import org.ebpf4j.runtime.internal.map.MapHandle;
import org.ebpf4j.runtime.internal.map.MapRegistry;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.Test;

/// Helpers that ask for, or change, what the environment holds: kernel settings, options of
/// sockets, process numbers, signals.
class SurroundingsHelpersTest {
  private static final Sysctl SETTING =
      new Sysctl("net/ipv4/tcp_mem", "1 2 3\n", Optional.of("4 5 6\n"));

  private final List<String> set = new ArrayList<>();

  private TestRun sysctl(boolean write) {
    ProgramContext context =
        Contexts.of(ProgramType.CGROUP_SYSCTL, Optional.empty(), Limits.defaults()).orElseThrow();
    byte[] bytes = new byte[8];
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putInt(write ? 1 : 0);
    context.accept("test", RunInput.context(bytes));
    context.begin();
    return new TestRun(FixedEnvironment.builder().sysctl(SETTING, set::add).build(), context);
  }

  @Test
  void settingHasANameWithAndWithoutItsPath() {
    try (TestRun run = sysctl(false)) {
      long to = run.allocate(64);
      assertThat(run.call("sysctl_get_name", 0, to, 64, 0)).isEqualTo(16);
      assertThat(run.text(to)).isEqualTo("net/ipv4/tcp_mem");
      assertThat(run.call("sysctl_get_name", 0, to, 64, 1)).isEqualTo(7);
      assertThat(run.text(to)).isEqualTo("tcp_mem");
      assertThat(run.call("sysctl_get_name", 0, to, 7, 1)).isEqualTo(Errno.E2BIG.negated());
      assertThat(run.text(to)).isEqualTo("tcp_me");
    }
  }

  @Test
  void settingHasAValue() {
    try (TestRun run = sysctl(false)) {
      long to = run.allocate(16);
      assertThat(run.call("sysctl_get_current_value", 0, to, 16)).isEqualTo(6);
      assertThat(run.text(to)).isEqualTo("1 2 3\n");
      assertThat(run.call("sysctl_get_current_value", 0, to, 4)).isEqualTo(Errno.E2BIG.negated());
      assertThat(run.text(to)).isEqualTo("1 2");
      assertThat(run.call("sysctl_get_new_value", 0, to, 16))
          .as("a read")
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(Memory.getLong(to)).isZero();
      assertThat(run.call("sysctl_set_new_value", 0, run.string("7"), 1))
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(set).isEmpty();
    }
  }

  @Test
  void programPutsAnotherValueInPlaceOfTheOneWritten() {
    try (TestRun run = sysctl(true)) {
      long to = run.allocate(16);
      assertThat(run.call("sysctl_get_new_value", 0, to, 16)).isEqualTo(6);
      assertThat(run.text(to)).isEqualTo("4 5 6\n");
      assertThat(run.call("sysctl_set_new_value", 0, run.string("600 700"), 7)).isZero();
      assertThat(run.call("sysctl_get_new_value", 0, to, 16)).isEqualTo(7);
      assertThat(run.text(to)).isEqualTo("600 700");
      assertThat(run.call("sysctl_set_new_value", 0, run.allocate(5000), 4096))
          .isEqualTo(Errno.E2BIG.negated());
      assertThat(set).containsExactly("600 700");
    }
  }

  @Test
  void optionsOfSocketsAreKept() {
    SocketOption mark = new SocketOption(1, 36);
    FixedEnvironment environment =
        FixedEnvironment.builder().socketOption(mark, new byte[] {9, 0, 0, 0}).build();
    try (TestRun run = new TestRun(environment)) {
      long value = run.bytes(1, 2, 3, 4);
      assertThat(run.call("getsockopt", 0, 1, 36, value, 4)).isZero();
      assertThat(Memory.bytes(value, 4)).containsExactly(9, 0, 0, 0);
      assertThat(run.call("setsockopt", 0, 1, 36, run.bytes(5, 0, 0, 0), 4)).isZero();
      assertThat(environment.socketOption(mark).orElseThrow()).containsExactly(5, 0, 0, 0);
      assertThat(run.call("setsockopt", 0, 1, 36, value, 2)).isEqualTo(Errno.EINVAL.negated());
      assertThat(run.call("setsockopt", 0, 1, 3, value, 4))
          .as("SO_TYPE is none that programs may set")
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(run.call("getsockopt", 0, 6, 2, run.bytes(1, 1, 1, 1), 4))
          .as("an option that this socket does not have")
          .isEqualTo(Errno.EINVAL.negated());
      long zeroed = run.bytes(1, 1, 1, 1);
      run.call("getsockopt", 0, 99, 1, zeroed, 4);
      assertThat(Memory.getInt(zeroed)).isZero();
    }
  }

  @Test
  void processIsNumberedInItsOwnNamespaceAlone() {
    FixedEnvironment environment =
        FixedEnvironment.builder()
            .process(100, 101)
            .pidNamespace(new PidNamespace(4, 4026531836L))
            .build();
    try (TestRun run = new TestRun(environment)) {
      long to = run.bytes(1, 1, 1, 1, 1, 1, 1, 1);
      assertThat(run.call("get_ns_current_pid_tgid", 4, 4026531836L, to, 8)).isZero();
      assertThat(Memory.getInt(to)).isEqualTo(101);
      assertThat(Memory.getInt(to + 4)).isEqualTo(100);
      assertThat(run.call("get_ns_current_pid_tgid", 4, 1, to, 8))
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(Memory.getLong(to)).isZero();
    }
  }

  @Test
  void signalsGoToTheEnvironment() {
    List<String> sent = new ArrayList<>();
    FixedEnvironment environment =
        FixedEnvironment.builder()
            .signals((number, toThread) -> sent.add(number + (toThread ? " to the thread" : "")))
            .build();
    try (TestRun run = new TestRun(environment);
        TestRun none = new TestRun(FixedEnvironment.builder().build())) {
      assertThat(run.call("send_signal", 9)).isZero();
      assertThat(run.call("send_signal_thread", 10)).isZero();
      assertThat(run.call("send_signal", 65)).isEqualTo(Errno.EINVAL.negated());
      assertThat(sent).containsExactly("9", "10 to the thread");
      assertThat(none.call("send_signal", 9)).isEqualTo(Errno.EPERM.negated());
    }
  }

  @Test
  void socketsLieInControlGroups() {
    Network.Socket socket =
        new Network.Socket(6, IpAddress.of("192.0.2.5"), 80, Optional.empty(), 0, 10, 7, 40);
    FixedEnvironment environment =
        FixedEnvironment.builder()
            .controlGroups(1, 30, 31)
            .network(new Network(List.of(), List.of(), List.of(), List.of(socket)))
            .build();
    try (TestRun run = new TestRun(environment)) {
      long tuple = run.bytes(192, 0, 2, 9, 192, 0, 2, 5, 0, 99, 0, 80);
      long found = run.call("sk_lookup_tcp", 0, tuple, 12, 0, 0);
      assertThat(run.call("sk_cgroup_id", found)).isEqualTo(31);
      assertThat(run.call("sk_ancestor_cgroup_id", found, 1)).isEqualTo(30);
      assertThat(run.call("sk_ancestor_cgroup_id", found, 3)).isZero();
    }
  }

  @Test
  void socketOfAConnectionGoesIntoAMap() {
    MapRegistry registry =
        new MapRegistry(
            new Epochs(1), new Budget(1 << 20, true), 2, (map, field, address, lock) -> {});
    RuntimeMap map = registry.create(MapSpec.of("map", MapType.SOCKMAP, 4, 8, 2), Btf.empty());
    FixedEnvironment environment = FixedEnvironment.builder().contextSocket(77).build();
    try (TestRun accepted = new TestRun(environment, operation(5));
        TestRun closing = new TestRun(environment, operation(3));
        TestRun unknown = new TestRun(FixedEnvironment.builder().build(), operation(5))) {
      long key = accepted.bytes(1, 0, 0, 0);
      assertThat(accepted.call("sock_map_update", 0, accepted.add(map), key, 0)).isZero();
      assertThat(new MapHandle(map).lookup(new byte[] {1, 0, 0, 0}).orElseThrow()[0])
          .isEqualTo((byte) 77);
      assertThat(accepted.call("sock_map_update", 0, accepted.add(map), key, 1))
          .as("BPF_NOEXIST")
          .isEqualTo(Errno.EEXIST.negated());
      for (TestRun run : List.of(closing, unknown)) {
        assertThat(run.call("sock_hash_update", 0, run.add(map), key, 0))
            .isEqualTo(Errno.EOPNOTSUPP.negated());
      }
    }
  }

  private static ProgramContext operation(int operation) {
    ProgramContext context =
        Contexts.of(ProgramType.SOCK_OPS, Optional.empty(), Limits.defaults()).orElseThrow();
    byte[] bytes = new byte[4];
    ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).putInt(operation);
    context.accept("test", RunInput.context(bytes));
    return context;
  }

  @Test
  void counterThatRunsTheProgramIsRead() {
    try (TestRun run = new TestRun(FixedEnvironment.builder().sampledCounter(99).build());
        TestRun none = new TestRun(FixedEnvironment.builder().build())) {
      long to = run.allocate(24);
      assertThat(run.call("perf_prog_read_value", 0, to, 24)).isZero();
      assertThat(Memory.getLong(to)).isEqualTo(99);
      assertThat(run.call("perf_prog_read_value", 0, to, 16)).isEqualTo(Errno.EINVAL.negated());
      assertThat(Memory.getLong(to)).isZero();
      assertThat(none.call("perf_prog_read_value", 0, to, 24)).isEqualTo(Errno.EINVAL.negated());
    }
  }

  /// What the host does not have, helpers say as Linux does where it is absent.
  @Test
  void whatIsAbsentIsSaidToBe() {
    try (TestRun run = new TestRun(FixedEnvironment.builder().build())) {
      long to = run.bytes(1, 1, 1, 1, 1, 1, 1, 1);
      long name = run.string("jiffies");
      assertThat(run.call("kallsyms_lookup_name", name, 8, 0, to))
          .isEqualTo(Errno.ENOENT.negated());
      assertThat(Memory.getLong(to)).isZero();
      assertThat(run.call("kallsyms_lookup_name", name, 7, 0, to))
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(run.call("kallsyms_lookup_name", name, 8, 1, to))
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(run.call("find_vma", 1, 0, 0, 0, 0)).isEqualTo(Errno.ENOENT.negated());
      assertThat(run.call("find_vma", 1, 0, 0, 0, 1)).isEqualTo(Errno.EINVAL.negated());
      assertThat(run.call("sock_from_file", 1)).isZero();
      long state = run.bytes(1, 1, 1, 1);
      assertThat(run.call("skb_get_xfrm_state", 0, 0, state, 4, 0))
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(Memory.getInt(state)).isZero();
      long options = run.allocate(36);
      Memory.putInt(options + 4, -1);
      assertThat(run.function("bpf_xdp_get_xfrm_state", 0, options, 36)).isZero();
      assertThat(Memory.getInt(options)).isEqualTo(Errno.ENOENT.negated());
      assertThat(run.function("bpf_xdp_get_xfrm_state", 0, options, 35)).isZero();
      assertThat(Memory.getInt(options)).isEqualTo(Errno.EINVAL.negated());
      Memory.putInt(options + 4, 7);
      assertThat(run.function("bpf_xdp_get_xfrm_state", 0, options, 36)).isZero();
      assertThat(Memory.getInt(options)).isEqualTo(Errno.ENONET.negated());
      assertThatThrownBy(() -> run.function("bpf_xdp_xfrm_state_release", options))
          .isInstanceOf(Fault.class);
      assertThat(run.call("ima_file_hash", 1, to, 8)).isEqualTo(Errno.EOPNOTSUPP.negated());
      assertThat(run.call("ima_inode_hash", 1, to, 8)).isEqualTo(Errno.EOPNOTSUPP.negated());
    }
  }
}
