package org.ebpf4j.runtime.internal.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.runtime.MemoryAccess;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.testkit.ProgramGenerator;
import org.ebpf4j.testkit.Settings;
import org.ebpf4j.testkit.TestInput;
import org.ebpf4j.testkit.TestProgram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What was proven of a program holds at every step of its runs on random inputs, and no accepted
/// program faults. `ebpf4j.containment.programs` says how many programs to generate and
/// `ebpf4j.containment.seed` the first one's seed.
class ContainmentTest {
  private static final int PROGRAMS = Integer.getInteger("ebpf4j.containment.programs", 1000);
  private static final long SEED = Long.getLong("ebpf4j.containment.seed", 1);
  private static final long INSTRUCTIONS = 1_000_000;
  private static final int PACKETS = 200;

  private static RuntimeHost host(FactChecker checker) {
    HostTables tables =
        new HostTables(
            BuiltIns.helpers(),
            BuiltIns.kernelFunctions(),
            List.of(),
            List.of(),
            List.of(),
            Set.of(),
            BuiltIns.kconfig(),
            Optional.empty());
    return new RuntimeHost(
        2,
        Limits.defaults().withInstructions(INSTRUCTIONS),
        FixedEnvironment.builder().seed(7).build(),
        tables,
        new Engines(Engine.INTERPRETER, MemoryAccess.SEGMENT),
        new Instruments(false, Optional.of(checker)));
  }

  private static LoadedCollection load(RuntimeHost host, FactChecker checker, CollectionSpec spec) {
    LoadedCollection loaded = CollectionLoader.load(host, spec, LoadOptions.defaults());
    for (BpfProgram program : loaded.programs().values()) {
      JvmProgram live = (JvmProgram) program;
      checker.add(live.spec(), live.facts().orElseThrow());
    }
    return loaded;
  }

  @ParameterizedTest
  @ValueSource(strings = {"balancer", "dispatcher", "dnslog", "firewall", "flowtable", "synguard"})
  void holdsForTheExamples(String name) throws IOException {
    FactChecker checker = new FactChecker();
    RuntimeHost host = host(checker);
    CollectionSpec spec =
        CollectionReader.read(Path.of("../examples/%s/%s.bpf.o".formatted(name, name)));
    SplittableRandom random = new SplittableRandom(SEED);
    try (LoadedCollection loaded = load(host, checker, spec)) {
      for (BpfProgram program : loaded.programs().values()) {
        for (int i = 0; i < PACKETS; i++) {
          run(program, RunInput.packet(packet(random)), checker);
        }
      }
    } finally {
      host.close();
    }
    assertThat(checker.checked()).isGreaterThan(1000);
  }

  /// Bytes that look like IPv4 or IPv6 over TCP or UDP as often as not.
  private static byte[] packet(SplittableRandom random) {
    byte[] packet = new byte[random.nextInt(14, 200)];
    random.nextBytes(packet);
    if (packet.length >= 40 && random.nextInt(4) > 0) {
      boolean six = random.nextInt(4) == 0;
      packet[12] = (byte) (six ? 0x86 : 0x08);
      packet[13] = (byte) (six ? 0xdd : 0x00);
      packet[14] = (byte) (six ? 0x60 : 0x45);
      int protocol = random.nextBoolean() ? 6 : 17;
      packet[six ? 20 : 23] = (byte) protocol;
      if (!six && random.nextInt(4) > 0) {
        packet[20] = 0;
        packet[21] = 0;
      }
    }
    return packet;
  }

  @Test
  void holdsForGeneratedPrograms() {
    int accepted = 0;
    long checked = 0;
    for (long seed = SEED; seed < SEED + PROGRAMS; seed++) {
      FactChecker checker = new FactChecker();
      TestProgram program = ProgramGenerator.generate(seed, Settings.DEFAULT);
      RuntimeHost host = host(checker);
      try (LoadedCollection loaded = load(host, checker, program.collection())) {
        accepted++;
        run(program, loaded, checker);
      } catch (LoadException refused) {
        // Near misses are meant to be refused.
      } catch (RuntimeException e) {
        throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
      } finally {
        host.close();
      }
      checked += checker.checked();
    }
    System.out.printf(
        "containment: %d of %d programs accepted, %,d registers held against facts%n",
        accepted, PROGRAMS, checked);
    assertThat(accepted).isGreaterThan(PROGRAMS / 10);
    assertThat(checked).isGreaterThan(PROGRAMS * 100L);
  }

  private static void run(TestProgram program, LoadedCollection loaded, FactChecker checker) {
    program
        .contents()
        .forEach((name, entries) -> {
          BpfMap map = loaded.map(name);
          entries.forEach(entry -> map.update(entry.key(), entry.value()));
        });
    BpfProgram live = loaded.program(TestProgram.NAME);
    for (TestInput input : program.inputs()) {
      run(live, input.toRunInput(), checker);
    }
  }

  private static void run(BpfProgram program, RunInput input, FactChecker checker) {
    checker.begin();
    try {
      program.run(input);
    } catch (RunException refused) {
      // Not every packet is one that the program type takes.
    }
  }
}
