package org.ebpf4j.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.runtime.MemoryAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Linux's prototypes leave out some of what helpers read. Nobody checks it, and it has to get
/// there all the same.
class UncheckedArgumentsTest {
  /// `bpf_trace_printk("%lx %d", 0x1234567890, -7)`.
  private static final String PRINT =
      """
        r1 = 0x6425
        *(u64 *)(r10 - 8) = r1
        r1 = 0x20786c25
        *(u32 *)(r10 - 12) = r1
        *(u32 *)(r10 - 8) = 0x6425
        r3 = 0x12345
        r3 <<= 20
        r4 = -7
      MIDDLE
        r1 = r10
        r1 += -12
        r2 = 12
        call 6
        r0 = 2
        exit
      """;

  @ParameterizedTest
  @CsvSource({"SEGMENT, false", "UNSAFE, false", "SEGMENT, true"})
  void areHandedOn(MemoryAccess memory, boolean unverified) {
    assertThat(printed(Engine.JIT, memory, unverified, "")).containsExactly("1234500000 -7");
    assertThat(printed(Engine.INTERPRETER, memory, unverified, ""))
        .containsExactly("1234500000 -7");
  }

  /// From one method of a function that is cut to the next.
  @Test
  void areCarried() {
    String much = "r5 *= 3\nr5 ^= 77\n".repeat(4_000);
    assertThat(printed(Engine.JIT, MemoryAccess.SEGMENT, false, "r5 = 1\n" + much))
        .containsExactly("1234500000 -7");
  }

  private static List<String> printed(
      Engine engine, MemoryAccess memory, boolean unverified, String middle) {
    assumeTrue(
        new BytecodeCompiler().supports(memory),
        "this JVM does not grant jdk.internal.misc.Unsafe");
    List<String> lines = new ArrayList<>();
    try (JvmHost host =
            JvmHost.builder()
                .engine(engine)
                .memoryAccess(memory)
                .environment(FixedEnvironment.builder().printed(lines::add).build())
                .build();
        LoadedCollection loaded =
            host.load(
                Sources.xdp(PRINT.replace("MIDDLE\n", middle)),
                LoadOptions.defaults().withUnverified(unverified))) {
      loaded.program(Sources.NAME).run(RunInput.packet(new byte[64]));
    }
    return lines;
  }
}
