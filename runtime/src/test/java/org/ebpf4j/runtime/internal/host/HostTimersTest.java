package org.ebpf4j.runtime.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType.Composite;
import org.ebpf4j.btf.BtfType.Int;
import org.ebpf4j.btf.BtfType.Member;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.map.MapHandle;
import org.ebpf4j.runtime.internal.map.MapRegistry;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.map.SpecialFields;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.Test;

class HostTimersTest {
  private static final int MONOTONIC = 1;
  private static final int ENTRIES = 4000;
  private static final long LIMIT = 1 << 19;

  /// `struct { struct bpf_timer timer; }`, and a key.
  private static final Btf BTF =
      Btf.of(
          List.of(
              new Int("unsigned int", 4, Int.Encoding.UNSIGNED, 0, 32),
              new Composite("bpf_timer", false, 16, List.of()),
              new Composite("timed", false, 16, List.of(new Member("timer", 2, 0, 0)))));

  private static final MapSpec TIMED =
      new MapSpec(
          "timed",
          MapType.ARRAY.number(),
          4,
          16,
          ENTRIES,
          0,
          0,
          0,
          1,
          3,
          false,
          Optional.empty(),
          new MapSpec.Contents.None());

  /// A timer takes more of Java's memory than the 16 bytes of its field.
  @Test
  void whatTimersTakeOfJavasMemoryCounts() {
    Budget budget = new Budget(LIMIT, false);
    MapRegistry registry =
        new MapRegistry(new Epochs(1), budget, 10, (made, field, address, lock) -> {});
    HostTimers timers = new HostTimers(FixedEnvironment.builder().build(), new NoCallbacks());
    try (MapHandle handle = new MapHandle(registry.create(TIMED, BTF));
        Arena arena = Arena.ofConfined()) {
      RuntimeMap map = handle.map();
      long before = budget.used();
      long key = arena.allocate(Integer.BYTES, Integer.BYTES).address();
      int made = 0;
      while (init(timers, map, key, made) == 0) {
        made++;
      }
      assertThat(init(timers, map, key, made)).isEqualTo(Errno.ENOMEM.negated());
      assertThat(made).isEqualTo((LIMIT - before) / HostTimers.HEAP_BYTES);
      timers.forget(map);
      assertThat(budget.used()).isEqualTo(before);
    }
  }

  private static long init(HostTimers timers, RuntimeMap map, long key, int index) {
    Memory.putInt(key, index);
    return timers.init(map, map.lookup(key, 0), SpecialFields.Kind.TIMER, MONOTONIC);
  }

  private static final class NoCallbacks implements HostTimers.CallbackRunner {
    @Override
    public void run(HostTimer timer, LinkedProgram program, long function) {}

    @Override
    public void stop() {}
  }
}
