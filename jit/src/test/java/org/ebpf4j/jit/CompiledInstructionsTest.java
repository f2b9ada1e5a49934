package org.ebpf4j.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteOrder;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.runtime.MemoryAccess;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.testkit.InstructionTable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Every instruction in every form, compiled: checked, and with the verifier's facts.
class CompiledInstructionsTest {
  /// Bytes of packet that verified programs may access: registers, and memory for the largest case.
  private static final int PACKET = InstructionTable.MEMORY + 32;

  /// Rows that a verified program cannot have, such as atomic operations on a packet, are few.
  private static final int LEAST_VERIFIED = 350;

  private static final String FROM_CONTEXT =
      """
      r2 = *(u32 *)(r1 + 0)
      r3 = *(u32 *)(r1 + 4)
      r4 = r2
      r4 += %d
      if r4 > r3 goto short
      *(u64 *)(r10 - 8) = r2
      r9 = r2
      """
          .formatted(PACKET);

  private static final String TOO_SHORT = "short:\nr0 = 0\nexit\n";

  private static JvmHost host(MemoryAccess memory) {
    assumeTrue(
        ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN,
        "the tables show memory of little-endian machines");
    assumeTrue(
        memory == MemoryAccess.SEGMENT || new BytecodeCompiler().supports(memory),
        "this JVM does not grant jdk.internal.misc.Unsafe");
    return JvmHost.builder().cpus(1).engine(Engine.JIT).memoryAccess(memory).build();
  }

  @Test
  void checkedGivesWhatTheTableSays() {
    try (JvmHost host = host(MemoryAccess.SEGMENT)) {
      for (InstructionTable.Program row : InstructionTable.all()) {
        run(host, row, Sources.UNVERIFIED);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void verifiedGivesWhatTheTableSays(MemoryAccess memory) {
    int verified = 0;
    try (JvmHost host = host(memory)) {
      for (InstructionTable.Program row : InstructionTable.all()) {
        try {
          run(host, row, LoadOptions.defaults());
          verified++;
        } catch (LoadException refused) {
          // Counted below.
        }
      }
    }
    assertThat(verified).isGreaterThan(LEAST_VERIFIED);
  }

  private static void run(JvmHost host, InstructionTable.Program row, LoadOptions options) {
    CollectionSpec spec = Sources.xdp(row.framed(FROM_CONTEXT, TOO_SHORT));
    try (LoadedCollection loaded = host.load(spec, options)) {
      BpfProgram program = loaded.program(Sources.NAME);
      assertThat(program.execution().engine()).isEqualTo("jit");
      for (InstructionTable.Case one : row.cases()) {
        byte[] after = program.run(RunInput.packet(padded(one.input()))).data();
        assertThat(after).as("%s", row).isEqualTo(padded(one.output()));
      }
    }
  }

  private static byte[] padded(byte[] memory) {
    assertThat(memory).hasSizeLessThanOrEqualTo(PACKET);
    return java.util.Arrays.copyOf(memory, PACKET);
  }
}
