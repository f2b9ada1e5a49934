package org.ebpf4j.jit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.RunResult;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.runtime.MemoryAccess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Programs that are cut into many methods do what they do in the interpreter.
class LargeProgramsTest {
  private static final int SEED = 7;
  private static final String[] OPERATIONS = {"+=", "-=", "*=", "^=", "|=", "&=", "<<=", ">>="};

  @ParameterizedTest
  @CsvSource({"1000, false", "20000, false", "5000, true"})
  void givesTheSame(int instructions, boolean unverified) {
    String text = straight(instructions);
    LoadOptions options = LoadOptions.defaults().withUnverified(unverified);
    assertThat(run(Engine.JIT, text, options)).isEqualTo(run(Engine.INTERPRETER, text, options));
  }

  /// All that crosses from method to method: registers, stack cells, loops, jumps far ahead.
  @ParameterizedTest
  @CsvSource({"SEGMENT, false", "UNSAFE, false", "SEGMENT, true"})
  void givesTheSameWithMemoryAndLoops(MemoryAccess memory, boolean unverified) {
    assumeTrue(
        new BytecodeCompiler().supports(memory),
        "this JVM does not grant jdk.internal.misc.Unsafe");
    LoadOptions options = LoadOptions.defaults().withUnverified(unverified);
    for (int seed = 0; seed < 4; seed++) {
      String text = branchy(seed, 1200);
      RunResult interpreted = runOn(Engine.INTERPRETER, memory, text, options);
      RunResult compiled = runOn(Engine.JIT, memory, text, options);
      assertThat(compiled.returnValue()).isEqualTo(interpreted.returnValue());
      assertThat(compiled.data()).isEqualTo(interpreted.data());
    }
  }

  @Test
  void whatDoesNotFitInAClassStaysInTheInterpreter() {
    Random random = new Random(SEED);
    StringBuilder text = new StringBuilder("r6 = 1\n");
    int expected = 1;
    for (int i = 0; i < 70_000; i++) {
      int number = random.nextInt(1 << 20, Integer.MAX_VALUE);
      expected ^= number;
      text.append("r6 ^= ").append(number).append('\n');
    }
    text.append("w0 = w6\nexit\n");
    try (JvmHost host = JvmHost.builder().engine(Engine.JIT).build();
        LoadedCollection loaded =
            host.load(Sources.xdp(text.toString()), LoadOptions.defaults().withUnverified(true))) {
      assertThat(loaded.program(Sources.NAME).execution().engine()).isEqualTo("interpreter");
      assertThat(loaded.program(Sources.NAME).execution().toString())
          .contains("more constants than one class file holds");
      assertThat(
              (int) loaded.program(Sources.NAME).run(RunInput.packet(new byte[64])).returnValue())
          .isEqualTo(expected);
    }
  }

  /// A `switch`: many ways lead from the methods that choose to those of the cases, and each takes
  /// all that is live along.
  @ParameterizedTest
  @CsvSource({"400, 0, false", "250, 30, false", "400, 0, true"})
  void switchesStayWithinWhatHotSpotCompiles(int cases, int additions, boolean unverified) {
    String text = choice(cases, additions);
    LoadOptions options = LoadOptions.defaults().withUnverified(unverified);
    try (JvmHost host = JvmHost.builder().cpus(1).engine(Engine.JIT).build();
        JvmHost interpreter = JvmHost.builder().cpus(1).engine(Engine.INTERPRETER).build();
        LoadedCollection loaded = host.load(Sources.xdp(text), options);
        LoadedCollection interpreted = interpreter.load(Sources.xdp(text), options)) {
      assertThat(methodSizes(host.listing(loaded.program(Sources.NAME))))
          .hasSizeGreaterThan(3)
          .allMatch(bytes -> bytes <= 8000);
      byte[] packet = new byte[64];
      for (int i = 0; i <= cases; i += 7) {
        packet[0] = (byte) i;
        packet[1] = (byte) (i >> 8);
        assertThat(loaded.program(Sources.NAME).run(RunInput.packet(packet)).returnValue())
            .as("case %d", i)
            .isEqualTo(
                interpreted.program(Sources.NAME).run(RunInput.packet(packet)).returnValue());
      }
    }
  }

  private static List<Integer> methodSizes(String listing) {
    return Pattern.compile("^\\S+: ([0-9]+) bytes$", Pattern.MULTILINE)
        .matcher(listing)
        .results()
        .map(found -> Integer.valueOf(found.group(1)))
        .toList();
  }

  /// Chooses a case by the packet's first bytes; each reads one of 48 stack cells and adds to it.
  private static String choice(int cases, int additions) {
    StringBuilder text =
        new StringBuilder(
            """
            r6 = *(u32 *)(r1 + 0)
            r2 = *(u32 *)(r1 + 4)
            r3 = r6
            r3 += 64
            if r3 > r2 goto none
            r7 = *(u16 *)(r6 + 0)
            r8 = r7
            r8 *= 3
            r9 = r7
            r9 &= 15
            """);
    for (int cell = 1; cell <= 48; cell++) {
      text.append("r0 = r7\nr0 += %d\n*(u64 *)(r10 - %d) = r0\n".formatted(cell, 8 * cell));
    }
    for (int i = 0; i < cases; i++) {
      text.append("if r7 == %d goto case%d\n".formatted(i, i));
    }
    text.append("none:\nr0 = 0\nexit\n");
    for (int i = 0; i < cases; i++) {
      text.append("case%d:\nr0 = *(u64 *)(r10 - %d)\n".formatted(i, 8 * (i % 48 + 1)));
      for (int addition = 0; addition < additions; addition++) {
        text.append("r0 += r%d\n".formatted(7 + (i + addition) % 3));
      }
      text.append("r0 += %d\nexit\n".formatted(i));
    }
    return text.toString();
  }

  /// While the parts of the code get warm, are tried, and take over.
  @ParameterizedTest
  @EnumSource(MemoryAccess.class)
  void givesTheSameWhileItChangesOver(MemoryAccess memory) {
    assumeTrue(
        new BytecodeCompiler().supports(memory),
        "this JVM does not grant jdk.internal.misc.Unsafe");
    String text = branchy(SEED, 1200);
    try (JvmHost host = JvmHost.builder().cpus(1).engine(Engine.AUTO).memoryAccess(memory).build();
        JvmHost interpreter = JvmHost.builder().cpus(1).engine(Engine.INTERPRETER).build();
        LoadedCollection loaded = host.load(Sources.xdp(text));
        LoadedCollection interpreted = interpreter.load(Sources.xdp(text))) {
      Random random = new Random(SEED);
      for (int i = 0; i < 4000; i++) {
        byte[] packet = new byte[64];
        random.nextBytes(packet);
        RunResult given = loaded.program(Sources.NAME).run(RunInput.packet(packet));
        if (i % 20 == 0) {
          RunResult expected = interpreted.program(Sources.NAME).run(RunInput.packet(packet));
          assertThat(given.returnValue()).isEqualTo(expected.returnValue());
          assertThat(given.data()).isEqualTo(expected.data());
        }
      }
    }
  }

  private static RunResult runOn(
      Engine engine, MemoryAccess memory, String text, LoadOptions options) {
    byte[] packet = new byte[64];
    new Random(SEED).nextBytes(packet);
    try (JvmHost host = JvmHost.builder().cpus(1).engine(engine).memoryAccess(memory).build();
        LoadedCollection loaded = host.load(Sources.xdp(text), options)) {
      return loaded.program(Sources.NAME).run(RunInput.packet(packet));
    }
  }

  private static long run(Engine engine, String text, LoadOptions options) {
    try (JvmHost host = JvmHost.builder().cpus(1).engine(engine).build();
        LoadedCollection loaded = host.load(Sources.xdp(text), options)) {
      assertThat(loaded.program(Sources.NAME).execution().engine())
          .isEqualTo(engine == Engine.JIT ? "jit" : "interpreter");
      return loaded.program(Sources.NAME).run(RunInput.packet(new byte[64])).returnValue();
    }
  }

  /// Random operations on random registers, and now and then a jump over a few of them.
  private static String straight(int instructions) {
    Random random = new Random(SEED);
    StringBuilder text = new StringBuilder("r6 = *(u32 *)(r1 + 0)\nr6 = 12345\nr7 = 1\nr8 = 2\n");
    for (int i = 0; i < instructions; i++) {
      String operation = OPERATIONS[random.nextInt(OPERATIONS.length)];
      boolean shift = operation.length() == 3;
      int dst = 6 + random.nextInt(3);
      text.append(
          shift || random.nextBoolean()
              ? "r%d %s %d\n".formatted(dst, operation, 1 + random.nextInt(31))
              : "r%d %s r%d\n".formatted(dst, operation, 6 + random.nextInt(3)));
    }
    return text.append("r0 = r6\nr0 ^= r7\nr0 ^= r8\nexit\n").toString();
  }

  /// Steps that load from the packet and from cells of the stack of all sizes, store to them, jump
  /// over some of what follows, and go round short loops.
  private static String branchy(int seed, int steps) {
    Random random = new Random(seed);
    StringBuilder text =
        new StringBuilder(
            """
            r6 = *(u32 *)(r1 + 0)
            r2 = *(u32 *)(r1 + 4)
            r3 = r6
            r3 += 64
            if r3 > r2 goto short
            r7 = 1
            r8 = 2
            """);
    int[] sizes = {8, 16, 32, 64};
    for (int cell = 0; cell < 40; cell++) {
      text.append("*(u%d *)(r10 - %d) = r7\n".formatted(sizes[cell % 4], 8 + 8 * cell));
    }
    for (int step = 0; step < steps; step++) {
      int cell = random.nextInt(40);
      int size = sizes[cell % 4];
      text.append("r0 = *(u%d *)(r10 - %d)\n".formatted(size, 8 + 8 * cell));
      text.append("r1 = *(u32 *)(r6 + %d)\n".formatted(random.nextInt(60)));
      text.append("r7 += r0\nr7 ^= r1\nr7 *= %d\n".formatted(random.nextInt(1000) | 1));
      text.append("if r7 s> %d goto far%d\n".formatted(random.nextInt(), step));
      text.append("r8 += r7\n*(u%d *)(r10 - %d) = r8\n".formatted(size, 8 + 8 * cell));
      text.append("*(u16 *)(r6 + %d) = r7\n".formatted(random.nextInt(62)));
      if (step % 16 == 0) {
        text.append("r9 = 0\nagain%d:\nr8 += r9\nr8 ^= r7\nr9 += 1\n".formatted(step));
        text.append("if r9 < 5 goto again%d\n".formatted(step));
      }
      if (step >= 3) {
        text.append("far%d:\n".formatted(step - 3));
      }
    }
    for (int step = steps - 3; step < steps; step++) {
      text.append("far%d:\n".formatted(step));
    }
    return text.append("r0 = r7\nr0 ^= r8\nexit\nshort:\nr0 = 0\nexit\n").toString();
  }
}
