package org.ebpf4j.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.TimeUnit;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.Runner;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.runtime.MemoryAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Tail calls between programs of all engines.
class TailCallsTest {
  /// Counts in the packet's first byte, and calls what the array holds at 0.
  private static final String COUNT_AND_GO_ON =
      """
      r6 = r1
      r2 = *(u32 *)(r1 + 0)
      r3 = *(u32 *)(r1 + 4)
      r4 = r2
      r4 += 1
      if r4 > r3 goto out
      r5 = *(u8 *)(r2 + 0)
      r5 += 1
      *(u8 *)(r2 + 0) = r5
      r1 = r6
      ld_pseudo r2, 1, 0
      r3 = 0
      call 12
      out:
      r0 = 2
      exit
      """;

  /// Calls what the array holds at 0 from a subprogram, and adds 100 to what that gives.
  private static final String FROM_SUBPROGRAM =
      """
      call sub
      r0 += 100
      exit
      sub:
      ld_pseudo r2, 1, 0
      r3 = 0
      call 12
      r0 = 1
      exit
      """;

  /// Linux's limit of tail calls in a run, and the first program.
  private static final int PROGRAMS_OF_A_RUN = 34;

  private static JvmHost host(Engine engine) {
    return JvmHost.builder().cpus(1).engine(engine).build();
  }

  private static LoadedCollection load(JvmHost host, String text, boolean unverified) {
    return host.load(
        Sources.xdpWithPrograms(text), LoadOptions.defaults().withUnverified(unverified));
  }

  /// The first time it finds registers and stack empty, and goes on in itself with both filled.
  private static final String LOOKS_AT_WHAT_IS_LEFT =
      """
      r8 = *(u64 *)(r10 - 8)
      r8 += r7
      r8 += r0
      r8 += r3
      *(u64 *)(r10 - 8) = 5
      r7 = 7
      r0 = 9
      ld_pseudo r2, 1, 0
      r3 = 0
      call 12
      r0 = r8
      exit
      """;

  @ParameterizedTest
  @EnumSource(
      value = Engine.class,
      names = {"INTERPRETER", "JIT"})
  void nothingIsLeftForTheNextProgram(Engine engine) {
    try (JvmHost host = host(engine);
        LoadedCollection loaded = load(host, LOOKS_AT_WHAT_IS_LEFT, true)) {
      BpfProgram program = loaded.program(Sources.NAME);
      loaded.map(Sources.PROGRAMS).putProgram(0, program);
      assertThat(program.run(RunInput.packet(new byte[64])).returnValue()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({"INTERPRETER, false", "INTERPRETER, true", "JIT, false", "JIT, true", "AUTO, false"})
  void aChainEndsAtTheLimit(Engine engine, boolean unverified) {
    try (JvmHost host = host(engine);
        LoadedCollection loaded = load(host, COUNT_AND_GO_ON, unverified)) {
      BpfProgram program = loaded.program(Sources.NAME);
      loaded.map(Sources.PROGRAMS).putProgram(0, program);
      for (int i = 0; i < 3; i++) {
        RunResult result = program.run(RunInput.packet(new byte[64]));
        assertThat(result.data()[0]).isEqualTo((byte) PROGRAMS_OF_A_RUN);
        assertThat(result.returnValue()).isEqualTo(2);
      }
    }
  }

  /// What compiled code reads of its stack before it has written there is 0, each time it begins.
  @ParameterizedTest
  @EnumSource
  void aProgramThatCallsItselfBeginsAnew(MemoryAccess memory) {
    assumeTrue(
        new BytecodeCompiler().supports(memory),
        "this JVM does not grant jdk.internal.misc.Unsafe");
    String text =
        """
        r7 = *(u64 *)(r10 - 8)
        r8 = *(u32 *)(r10 - 16)
        r7 += r8
        *(u64 *)(r10 - 8) = 5
        *(u32 *)(r10 - 16) = 7
        r9 = r1
        r6 = *(u32 *)(r9 + 0)
        r3 = *(u32 *)(r9 + 4)
        r2 = r6
        r2 += 2
        if r2 > r3 goto out
        r5 = *(u8 *)(r6 + 0)
        r5 += 1
        *(u8 *)(r6 + 0) = r5
        r5 = *(u8 *)(r6 + 1)
        r5 += r7
        *(u8 *)(r6 + 1) = r5
        r1 = r9
        ld_pseudo r2, 1, 0
        r3 = 0
        call 12
        out:
        r0 = 2
        exit
        """;
    try (JvmHost host = JvmHost.builder().cpus(1).engine(Engine.JIT).memoryAccess(memory).build();
        LoadedCollection loaded = load(host, text, false)) {
      BpfProgram program = loaded.program(Sources.NAME);
      loaded.map(Sources.PROGRAMS).putProgram(0, program);
      for (int i = 0; i < 3; i++) {
        RunResult result = program.run(RunInput.packet(new byte[64]));
        assertThat(result.returnValue()).isEqualTo(2);
        assertThat(result.data()).startsWith(PROGRAMS_OF_A_RUN, 0);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aSubprogramGetsTheOthersResult(Engine engine) {
    try (JvmHost host = host(engine);
        LoadedCollection loaded = load(host, FROM_SUBPROGRAM, true);
        LoadedCollection other = load(host, COUNT_AND_GO_ON, true)) {
      BpfProgram program = loaded.program(Sources.NAME);
      BpfMap programs = loaded.map(Sources.PROGRAMS);
      RunInput input = RunInput.packet(new byte[64]);
      assertThat(program.run(input).returnValue()).isEqualTo(101);
      programs.putProgram(0, other.program(Sources.NAME));
      assertThat(program.run(input).returnValue()).isEqualTo(102);
      // A chain that begins in the subprogram, and ends at the limit.
      other.map(Sources.PROGRAMS).putProgram(0, other.program(Sources.NAME));
      RunResult chain = program.run(input);
      assertThat(chain.returnValue()).isEqualTo(102);
      assertThat(chain.data()[0]).isEqualTo((byte) (PROGRAMS_OF_A_RUN - 1));
    }
  }

  @ParameterizedTest
  @EnumSource
  void theTargetIsReplacedBetweenRuns(Engine engine) {
    try (JvmHost host = host(engine);
        LoadedCollection loaded = load(host, COUNT_AND_GO_ON, false);
        LoadedCollection three = load(host, "r0 = 3\nexit", false);
        LoadedCollection four = load(host, "r0 = 4\nexit", false)) {
      BpfProgram program = loaded.program(Sources.NAME);
      BpfMap programs = loaded.map(Sources.PROGRAMS);
      RunInput input = RunInput.packet(new byte[64]);
      assertThat(program.run(input).returnValue()).isEqualTo(2);
      programs.putProgram(0, three.program(Sources.NAME));
      assertThat(program.run(input).returnValue()).isEqualTo(3);
      programs.putProgram(0, four.program(Sources.NAME));
      assertThat(program.run(input).returnValue()).isEqualTo(4);
    }
  }

  @Test
  @Timeout(value = 2, unit = TimeUnit.MINUTES)
  void whatIsOnlyTailCalledIsCompiledToo() {
    try (JvmHost host = host(Engine.AUTO);
        LoadedCollection loaded = load(host, COUNT_AND_GO_ON, false);
        LoadedCollection other = load(host, COUNT_AND_GO_ON, false)) {
      BpfProgram first = loaded.program(Sources.NAME);
      BpfProgram second = other.program(Sources.NAME);
      loaded.map(Sources.PROGRAMS).putProgram(0, second);
      other.map(Sources.PROGRAMS).putProgram(0, second);
      try (Runner runner = first.runner()) {
        while (!second.execution().engine().equals("jit")) {
          runner.packetBuffer(64).fill((byte) 0);
          assertThat(runner.run()).isEqualTo(2);
          assertThat(runner.packet().get(java.lang.foreign.ValueLayout.JAVA_BYTE, 0))
              .isEqualTo((byte) PROGRAMS_OF_A_RUN);
        }
      }
    }
  }
}
