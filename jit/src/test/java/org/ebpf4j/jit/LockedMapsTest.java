package org.ebpf4j.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType.Composite;
import org.ebpf4j.btf.BtfType.Int;
import org.ebpf4j.btf.BtfType.Member;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// An unproven program that holds a lock and calls a helper that takes it would wait for itself.
class LockedMapsTest {
  private static final MapSpec LOCKED =
      new MapSpec(
          "locked",
          MapType.ARRAY.number(),
          4,
          8,
          1,
          0,
          0,
          0,
          1,
          3,
          false,
          Optional.empty(),
          new MapSpec.Contents.None());

  private static final Btf TYPES =
      Btf.of(
          List.of(
              new Int("unsigned int", 4, Int.Encoding.UNSIGNED, 0, 32),
              new Composite("bpf_spin_lock", false, 4, List.of(new Member("val", 1, 0, 0))),
              new Composite(
                  "value",
                  false,
                  8,
                  List.of(new Member("lock", 2, 0, 0), new Member("plain", 1, 32, 0)))));

  /// Looks the value up, locks it, and calls a helper with `BPF_F_LOCK` in `R4`.
  private static final String UNDER_THE_LOCK =
      """
        r1 = 0
        *(u64 *)(r10 - 8) = r1
        *(u64 *)(r10 - 16) = r1
        ld_pseudo r1, 1, 0
        r2 = r10
        r2 += -8
        call 1
        r6 = r0
        r1 = r6
        call 93
        ld_pseudo r1, 1, 0
        r2 = r10
        r2 += -8
        r3 = r10
        r3 += -16
        r4 = 4
        call HELPER
        exit
      """;

  @ParameterizedTest
  @CsvSource({"INTERPRETER, 2", "JIT, 2", "INTERPRETER, 1", "JIT, 1", "INTERPRETER, 3", "JIT, 3"})
  void aRunThatHoldsALockCallsNoHelperThatMightWaitForIt(Engine engine, int helper) {
    CollectionSpec plain =
        Sources.xdpWithMap(LOCKED, UNDER_THE_LOCK.replace("HELPER", String.valueOf(helper)));
    CollectionSpec spec =
        new CollectionSpec(
            "locked",
            ByteOrder.nativeOrder(),
            "GPL",
            0,
            TYPES,
            Map.of(LOCKED.name(), LOCKED),
            plain.programs());
    try (JvmHost host = JvmHost.builder().engine(engine).build();
        LoadedCollection loaded = host.load(spec, Sources.UNVERIFIED)) {
      assertThatThrownBy(() -> loaded.program(Sources.NAME).run(RunInput.packet(new byte[64])))
          .isInstanceOf(ProgramFault.class)
          .hasMessageContaining("a map with locks, for which a run that holds one might wait");
      // And the lock was given back.
      assertThat(loaded.map(LOCKED.name()).lookup(new byte[4])).isPresent();
    }
  }
}
