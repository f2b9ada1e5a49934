package org.ebpf4j.jit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
}
