package org.ebpf4j.runtime.internal.helper;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.EventReader;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.internal.map.MapHandle;
import org.ebpf4j.runtime.internal.map.MapRegistry;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What programs that trace functions of the network send of the packets that those work on. Errors
/// are those of `bpf_event_output` in `kernel/trace/bpf_trace.c`, `bpf_skb_event_output` and
/// `bpf_xdp_event_output` in `net/core/filter.c` of Linux 6.18.
class TracedPacketTest {
  private static final long THIS_CPU = 0xffff_ffffL;
  private static final long ONE_BYTE_OF_THE_PACKET = 1L << 32;

  private final MapRegistry registry =
      new MapRegistry(
          new Epochs(1), new Budget(1 << 24, true), 10, (map, field, address, lock) -> {});

  private RuntimeMap map(MapType type, int key, int value, int entries) {
    return registry.create(MapSpec.of("map", type, key, value, entries), Btf.empty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"skb_output", "xdp_output"})
  void theProgramsBytesAreSentAndNoneOfThePacket(String helper) {
    try (MapHandle events = new MapHandle(map(MapType.PERF_EVENT_ARRAY, 4, 4, 2));
        MapHandle ring = new MapHandle(map(MapType.RINGBUF, 0, 0, 4096));
        EventReader reader = events.events();
        TestRun run = new TestRun(FixedEnvironment.builder().build())) {
      long handle = run.add(events.map());
      long data = run.bytes(1, 2, 3, 4, 5, 6, 7, 8);
      assertThat(run.call(helper, 0, handle, THIS_CPU, data, 8)).isZero();
      assertThat(run.call(helper, 0, handle, THIS_CPU | ONE_BYTE_OF_THE_PACKET, data, 8))
          .isEqualTo(Errno.EFAULT.negated());
      assertThat(run.call(helper, 0, handle, 2, data, 8)).isEqualTo(Errno.E2BIG.negated());
      assertThat(run.call(helper, 0, handle, 1L << 60, data, 8)).isEqualTo(Errno.EINVAL.negated());
      assertThat(run.call(helper, 0, run.add(ring.map()), THIS_CPU, data, 8))
          .isEqualTo(Errno.EINVAL.negated());
      List<byte[]> records = new ArrayList<>();
      reader.poll(
          Duration.ZERO, (record, cpu) -> records.add(record.toArray(ValueLayout.JAVA_BYTE)));
      assertThat(records).hasSize(1);
      assertThat(records.getFirst()).startsWith(1, 2, 3, 4, 5, 6, 7, 8);
    }
  }
}
