package org.ebpf4j.runtime.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.Redirect;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.IpAddress;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.runtime.Network;
import org.ebpf4j.runtime.internal.context.Contexts;
import org.ebpf4j.runtime.internal.map.MapFlags;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Helpers whose answers come from the environment or the caller's context.
class EnvironmentHelpersTest {
  private static final Network NETWORK =
      new Network(
          List.of(),
          List.of(),
          List.of(),
          List.of(
              new Network.Socket(6, IpAddress.of("192.0.2.5"), 80, Optional.empty(), 0, 0, 7, 40),
              new Network.Socket(
                  6,
                  IpAddress.of("192.0.2.5"),
                  80,
                  Optional.of(IpAddress.of("192.0.2.9")),
                  1234,
                  1,
                  8,
                  41)));

  private static final FixedEnvironment ENVIRONMENT =
      FixedEnvironment.builder()
          .network(NETWORK)
          .process(100, 101)
          .controlGroups(1, 30)
          .taiNanos(77)
          .stack(0x10, 0x20, 0x30)
          .build();

  private final MapRegistry registry =
      new MapRegistry(
          new Epochs(2), new Budget(1 << 24, true), 10, (map, field, address, lock) -> {});

  private static TestRun run() {
    return new TestRun(ENVIRONMENT);
  }

  private static TestRun run(ProgramType type, RunInput input) {
    ProgramContext context = Contexts.of(type, Optional.empty(), Limits.defaults()).orElseThrow();
    context.accept("test", input);
    context.begin();
    return new TestRun(ENVIRONMENT, context);
  }

  private RuntimeMap map(MapType type, int key, int value, int entries, int flags) {
    return registry.create(
        MapSpec.of("map", type, key, value, entries).withFlags(flags), Btf.empty());
  }

  private static byte[] bytes(int size, int offset, long value) {
    ByteBuffer bytes = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
    return size - offset < 8
        ? bytes.putInt(offset, (int) value).array()
        : bytes.putLong(offset, value).array();
  }

  /// The socket that a packet from this port of 192.0.2.9 belongs to.
  private static long socket(TestRun run, int port) {
    long tuple = run.bytes(192, 0, 2, 9, 192, 0, 2, 5, port >> 8, port, 0, 80);
    return run.call("sk_lookup_tcp", 0, tuple, 12, 0, 0);
  }

  @Test
  void socketsListenOrNot() {
    try (TestRun run = run()) {
      long listening = socket(run, 99);
      long connected = socket(run, 1234);
      assertThat(run.call("get_listener_sock", listening)).isEqualTo(listening);
      assertThat(run.call("get_listener_sock", connected)).isZero();
      assertThat(run.call("sk_fullsock", connected)).isEqualTo(connected);
    }
  }

  @Test
  void aListenerIsGivenPacketsWhoseCookieWasChecked() {
    byte[] packet = new byte[54];
    packet[12] = 8;
    packet[14] = 0x45;
    try (TestRun run = run(ProgramType.SCHED_CLS, RunInput.packet(packet))) {
      String name = "bpf_sk_assign_tcp_reqsk";
      long listening = socket(run, 99);
      long connected = socket(run, 1234);
      long attributes = run.allocate(20);
      Memory.putShort(attributes + 8, (short) 535);
      long refused = Errno.EINVAL.negated();
      assertThat(run.function(name, 0, listening, attributes, 20)).as("size").isEqualTo(refused);
      Memory.putShort(attributes + 8, (short) 536);
      assertThat(run.function(name, 0, listening, attributes, 19)).isEqualTo(refused);
      assertThat(run.function(name, 0, connected, attributes, 20)).isEqualTo(refused);
      Memory.putByte(attributes + 13, (byte) 1);
      Memory.putByte(attributes + 11, (byte) 15);
      assertThat(run.function(name, 0, listening, attributes, 20)).as("scale").isEqualTo(refused);
      Memory.putByte(attributes + 11, (byte) 14);
      Memory.putByte(attributes + 19, (byte) 1);
      assertThat(run.function(name, 0, listening, attributes, 20)).isEqualTo(refused);
      Memory.putByte(attributes + 19, (byte) 0);
      assertThat(run.context().redirect()).isEqualTo(new Redirect.None());
      assertThat(run.function(name, 0, listening, attributes, 20)).isZero();
      assertThat(run.context().redirect()).isEqualTo(new Redirect.ToSocket(40, 0));
      assertThatThrownBy(() -> run.function(name, 0, attributes, attributes, 20))
          .isInstanceOf(Fault.class);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "tcp_sock",
        "skc_to_tcp_sock",
        "skc_to_tcp6_sock",
        "skc_to_tcp_timewait_sock",
        "skc_to_tcp_request_sock",
        "skc_to_udp6_sock",
        "skc_to_unix_sock",
        "skc_to_mptcp_sock"
      })
  void socketsAreNoneOfTheKernelsStructs(String helper) {
    try (TestRun run = run()) {
      assertThat(run.call(helper, socket(run, 99))).isZero();
      long memory = run.allocate(100);
      assertThatThrownBy(() -> run.call(helper, memory))
          .isInstanceOf(Fault.class)
          .hasMessageContaining("no socket");
    }
  }

  @Test
  void socketsHaveStorage() {
    RuntimeMap map = map(MapType.SK_STORAGE, 4, 8, 0, 1);
    try (TestRun run = run()) {
      long storage = run.add(map);
      long socket = socket(run, 99);
      assertThat(run.call("sk_storage_get", storage, socket, 0, 0)).isZero();
      long initial = run.allocate(8);
      Memory.putLong(initial, 5);
      long value = run.call("sk_storage_get", storage, socket, initial, 1);
      assertThat(Memory.getLong(value)).isEqualTo(5);
      assertThat(run.call("sk_storage_get", storage, socket, 0, 0)).isEqualTo(value);
      assertThat(run.call("sk_storage_get", storage, socket, 0, 2)).as("flags").isZero();
      assertThat(new MapHandle(map).lookup(bytes(4, 0, 40)))
          .hasValueSatisfying(found -> assertThat(found).startsWith(5, 0));
      assertThat(run.call("sk_storage_delete", storage, socket)).isZero();
      assertThat(run.call("sk_storage_delete", storage, socket)).isEqualTo(Errno.ENOENT.negated());
    }
  }

  @Test
  void threadsControlGroupsAndInodesHaveStorage() {
    try (TestRun run = run()) {
      long tasks = run.add(map(MapType.TASK_STORAGE, 4, 8, 0, 1));
      long groups = run.add(map(MapType.CGRP_STORAGE, 4, 8, 0, 1));
      long inodes = run.add(map(MapType.INODE_STORAGE, 4, 8, 0, 1));
      long task = run.function("bpf_task_from_pid", 101);
      assertThat(task).isEqualTo(run.call("get_current_task_btf"));
      assertThat(run.function("bpf_task_from_vpid", 102)).isZero();
      assertThat(run.function("bpf_task_acquire", task)).isEqualTo(task);
      assertThat(run.function("bpf_task_release", task)).isZero();
      long group = run.function("bpf_cgroup_from_id", 30);
      assertThat(run.function("bpf_cgroup_from_id", 31)).isZero();
      assertThat(run.function("bpf_cgroup_acquire", group)).isEqualTo(group);
      assertThat(run.function("bpf_cgroup_ancestor", group, 0))
          .isEqualTo(run.function("bpf_cgroup_from_id", 1));
      assertThat(run.function("bpf_cgroup_ancestor", group, 2)).isZero();
      assertThat(run.function("bpf_task_under_cgroup", task, group)).isEqualTo(1);
      assertThat(run.function("bpf_cgroup_release", group)).isZero();
      assertThat(run.call("task_storage_get", tasks, task, 0, 1)).isNotZero();
      assertThat(run.call("task_storage_delete", tasks, task)).isZero();
      assertThat(run.call("cgrp_storage_get", groups, group, 0, 1)).isNotZero();
      assertThat(run.call("cgrp_storage_get", groups, task, 0, 1)).as("no group").isZero();
      assertThat(run.call("cgrp_storage_delete", groups, group)).isZero();
      assertThat(run.call("inode_storage_get", inodes, 1234, 0, 1)).isNotZero();
      assertThat(run.call("inode_storage_delete", inodes, 1234)).isZero();
      assertThat(run.call("inode_storage_delete", inodes, 0)).isEqualTo(Errno.EINVAL.negated());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"CGROUP_STORAGE", "PERCPU_CGROUP_STORAGE"})
  void theCurrentControlGroupHasItsValue(String type) {
    RuntimeMap map = map(MapType.valueOf(type), 16, 8, 0, 0);
    MapHandle values = new MapHandle(map);
    try (TestRun run = run()) {
      long storage = run.add(map);
      assertThat(values.entries()).isEmpty();
      Memory.putLong(run.call("get_local_storage", storage, 0), 9);
      byte[] group = bytes(16, 0, 30);
      assertThat(values.lookup(group))
          .hasValueSatisfying(found -> assertThat(found).startsWith(9, 0));
      assertThat(values.firstKey()).contains(group);
      assertThat(values.nextKey(group)).isEmpty();
      assertThat(values.entries()).hasSize(1);
    }
  }

  /// Proofs take it for there: where there can be none, the program must not go on.
  @ParameterizedTest
  @ValueSource(strings = {"CGROUP_STORAGE", "PERCPU_CGROUP_STORAGE"})
  void aRunEndsWhereTheCurrentControlGroupCanHaveNoValue(String type) {
    RuntimeMap map = map(MapType.valueOf(type), 16, 16_000, 0, 0);
    MapHandle values = new MapHandle(map);
    try (TestRun run = new TestRun(FixedEnvironment.builder().controlGroups(0).build())) {
      long storage = run.add(map);
      assertThatThrownBy(() -> run.call("get_local_storage", storage, 0))
          .isInstanceOf(Fault.class)
          .hasMessageContaining("no room for a value of control group 0");
    }
    byte[] value = new byte[map.userValueSize()];
    assertThatThrownBy(
            () -> {
              for (int group = 100; ; group++) {
                values.update(bytes(16, 0, group), value);
              }
            })
        .hasMessageContaining("ENOMEM");
    try (TestRun run = run()) {
      long storage = run.add(map);
      assertThatThrownBy(() -> run.call("get_local_storage", storage, 0))
          .isInstanceOf(Fault.class)
          .hasMessageContaining("no room for a value of control group 30");
    }
  }

  @Test
  void whatBelongsToTasksIsNotListed() {
    MapHandle values = new MapHandle(map(MapType.TASK_STORAGE, 4, 8, 0, MapFlags.NO_PREALLOC));
    assertThatThrownBy(values::firstKey).hasMessageContaining("ENOTSUPP");
  }

  @Test
  void messagesGoToSocketsOfAHash() {
    RuntimeMap map = map(MapType.SOCKHASH, 4, 8, 2, 0);
    new MapHandle(map).update(bytes(4, 0, 3), bytes(8, 0, 40));
    try (TestRun run = run(ProgramType.SK_MSG, RunInput.packet(new byte[] {1, 2}))) {
      long sockets = run.add(map);
      long key = run.allocate(4);
      assertThat(run.call("msg_redirect_hash", 0, sockets, key, 0)).as("SK_DROP").isZero();
      Memory.putInt(key, 3);
      assertThat(run.call("msg_redirect_hash", 0, sockets, key, 0)).as("SK_PASS").isEqualTo(1);
      assertThat(run.call("sk_redirect_hash", 0, sockets, key, 1)).isEqualTo(1);
      assertThat(run.call("sk_redirect_hash", 0, sockets, key, 2)).as("flags").isZero();
      assertThat(run.call("msg_apply_bytes", 0, 5)).isZero();
      assertThat(run.call("msg_cork_bytes", 0, 5)).isZero();
      assertThat(run.call("msg_pull_data", 0, 0, 2, 0)).isZero();
      assertThat(run.call("msg_pull_data", 0, 0, 3, 0)).isEqualTo(Errno.EINVAL.negated());
    }
  }

  @Test
  void streamsGoToSocketsOfAnArray() {
    RuntimeMap map = map(MapType.SOCKMAP, 4, 8, 2, 0);
    new MapHandle(map).update(bytes(4, 0, 1), bytes(8, 0, 40));
    try (TestRun run = run(ProgramType.SK_SKB, RunInput.packet(new byte[] {1, 2}))) {
      long sockets = run.add(map);
      assertThat(run.call("sk_redirect_map", 0, sockets, 1, 0)).isEqualTo(1);
      assertThat(run.call("sk_redirect_map", 0, sockets, 0, 0)).isZero();
    }
  }

  @Test
  void callbackFlagsAreThoseThatAreKnown() {
    try (TestRun run = run(ProgramType.SOCK_OPS, RunInput.context(bytes(80, 72, 1)))) {
      assertThat(run.call("sock_ops_cb_flags_set", 0, 0x83)).isEqualTo(0x80);
      assertThat(Memory.getInt(run.context().address() + 84)).isEqualTo(3);
    }
    try (TestRun run = run(ProgramType.SOCK_OPS, RunInput.none())) {
      assertThat(run.call("sock_ops_cb_flags_set", 0, 1)).isEqualTo(Errno.EINVAL.negated());
    }
  }

  @Test
  void probesKnowTheirPlaceAndOverrideResults() {
    try (TestRun run = run(ProgramType.KPROBE, RunInput.context(bytes(168, 128, 0x1234)))) {
      assertThat(run.call("get_func_ip")).isEqualTo(0x1234);
      assertThat(run.call("override_return", 0, -12)).isZero();
      assertThat(Memory.getLong(run.context().address() + 80)).isEqualTo(-12);
    }
    try (TestRun run = run(ProgramType.TRACING, RunInput.context(new byte[8]))) {
      assertThat(run.call("get_func_ip")).isZero();
    }
  }

  @Test
  void stacksAreThoseOfTheCurrentThread() {
    try (TestRun run = run()) {
      long to = run.allocate(32);
      long task = run.call("get_current_task_btf");
      assertThat(run.call("get_stack", 0, to, 32, 1)).isEqualTo(16);
      assertThat(Memory.getLong(to)).isEqualTo(0x20);
      assertThat(run.call("get_task_stack", task, to, 32, 0)).isEqualTo(24);
      assertThat(run.call("get_task_stack", task + 16, to, 32, 0))
          .isEqualTo(Errno.EOPNOTSUPP.negated());
      assertThat(run.call("get_stack", 0, to, 31, 0)).isEqualTo(Errno.EINVAL.negated());
    }
  }

  @Test
  void nothingRecordsBranches() {
    try (TestRun run = run()) {
      assertThat(run.call("read_branch_records", 0, 0, 0, 0)).isEqualTo(Errno.ENOENT.negated());
      assertThat(run.call("get_branch_snapshot", 0, 0, 0)).isEqualTo(Errno.ENOENT.negated());
      assertThat(run.call("get_branch_snapshot", 0, 0, 1)).isEqualTo(Errno.EINVAL.negated());
    }
  }

  @Test
  void memoryOfUsersIsThatOfTheRun() {
    try (TestRun run = run()) {
      long to = run.allocate(8);
      long text = run.string("user");
      assertThat(run.call("copy_from_user", to, 4, text)).isZero();
      assertThat(run.call("copy_from_user_task", to, 4, text, 0, 0)).isZero();
      assertThat(run.call("copy_from_user_task", to, 4, text, 0, 1))
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(run.call("copy_from_user", to, 4, 0x10)).isEqualTo(Errno.EFAULT.negated());
      Memory.putLong(to, -1);
      assertThat(run.function("bpf_copy_from_user_str", to, 8, text, 1)).isEqualTo(5);
      assertThat(Memory.getByte(to + 7)).as("padding").isZero();
      assertThat(run.call("probe_write_user", text, to, 4)).isEqualTo(Errno.EFAULT.negated());
      assertThat(run.function("bpf_rdonly_cast", text, 1)).isEqualTo(text);
    }
  }

  @Test
  void numbersAreThoseOfTheEnvironment() {
    try (TestRun run = run()) {
      assertThat(run.call("ktime_get_tai_ns")).isEqualTo(77);
      assertThat(run.call("get_numa_node_id")).isZero();
      assertThat(run.call("get_attach_cookie")).isZero();
      assertThat(run.call("get_netns_cookie", 0)).isEqualTo(1);
      assertThat(run.call("get_socket_uid", 0)).as("overflowuid").isEqualTo(65534);
      assertThat(run.call("skb_cgroup_id", 0)).isZero();
      assertThat(run.call("skb_ancestor_cgroup_id", 0, 1)).isZero();
      assertThat(run.call("skb_cgroup_classid", 0)).isZero();
      assertThat(run.call("skb_under_cgroup", 0, 0, 0)).isEqualTo(Errno.ENOENT.negated());
    }
  }

  @Test
  void userRecordsAreDrained() {
    RuntimeMap map = map(MapType.USER_RINGBUF, 0, 0, 4096, 0);
    MapHandle user = new MapHandle(map);
    for (int i = 1; i <= 3; i++) {
      assertThat(user.submit(bytes(8, 0, i), Duration.ZERO)).isTrue();
    }
    try (TestRun run = run()) {
      long ring = run.add(map);
      long word = run.allocate(8);
      long[] sum = {0};
      long function =
          run.add((record, context, c, d, e) -> {
            assertThat(run.call("dynptr_read", word, 8, record, 0, 0)).isZero();
            sum[0] = sum[0] * 10 + Memory.getLong(word);
            // A callback may look at the record where it lies, and write to it, as in Linux.
            long data = run.call("dynptr_data", record, 0, 8, 0, 0);
            assertThat(Memory.getLong(data)).isEqualTo(Memory.getLong(word));
            assertThat(run.call("dynptr_write", record, 0, word, 8, 0)).isZero();
            return Memory.getLong(word) == 2 ? 1 : 0;
          });
      assertThat(run.call("user_ringbuf_drain", ring, function, 0, 1 << 5))
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(run.call("user_ringbuf_drain", ring, function, 0, 0)).isEqualTo(2);
      assertThat(sum[0]).isEqualTo(12);
      assertThat(run.call("user_ringbuf_drain", ring, function, 0, 0)).isEqualTo(1);
      assertThat(run.call("user_ringbuf_drain", ring, function, 0, 0)).isZero();
    }
  }

  @Test
  void numbersAreIteratedAndSectionsNest() {
    try (TestRun run = run()) {
      long iterator = run.allocate(8);
      assertThat(run.function("bpf_rcu_read_lock")).isZero();
      assertThat(run.function("bpf_iter_num_new", iterator, 3, 5)).isZero();
      assertThat(Memory.getInt(run.function("bpf_iter_num_next", iterator))).isEqualTo(3);
      assertThat(Memory.getInt(run.function("bpf_iter_num_next", iterator))).isEqualTo(4);
      assertThat(run.function("bpf_iter_num_next", iterator)).isZero();
      run.function("bpf_iter_num_destroy", iterator);
      assertThat(run.function("bpf_iter_num_new", iterator, 5, 3))
          .isEqualTo(Errno.EINVAL.negated());
      assertThat(run.function("bpf_rcu_read_unlock")).isZero();
    }
  }

  @Test
  void packetsOfXdpAreDynptrs() {
    try (TestRun run = run(ProgramType.XDP, RunInput.packet(new byte[60]))) {
      long dynptr = run.allocate(16);
      assertThat(run.function("bpf_dynptr_from_xdp", 0, 0, dynptr)).isZero();
      assertThat(run.function("bpf_dynptr_size", dynptr)).isEqualTo(60);
      assertThat(run.function("bpf_dynptr_from_skb", 0, 0, dynptr))
          .isEqualTo(Errno.EINVAL.negated());
    }
  }
}
