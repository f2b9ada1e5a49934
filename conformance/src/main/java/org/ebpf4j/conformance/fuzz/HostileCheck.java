package org.ebpf4j.conformance.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.IpAddress;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.runtime.MemoryAccess;
import org.ebpf4j.runtime.Network;
import org.ebpf4j.runtime.PidNamespace;
import org.ebpf4j.runtime.Sysctl;
import org.ebpf4j.runtime.Task;
import org.ebpf4j.testkit.TestProgram;
import org.ebpf4j.verifier.LinuxTypes;

/// Unproven programs of nothing but calls with whatever arguments give results or faults, and the
/// same in the interpreter and in compiled code with either access to memory. Freed memory is
/// poisoned; the thread is named after the seed, so that a crash of the JVM says which it was.
public final class HostileCheck implements Check {
  private static final long MOST_INSTRUCTIONS = 50_000;
  private static final int LONGEST_PACKET = 4096;

  private static final LoadOptions UNVERIFIED = LoadOptions.defaults().withUnverified(true);

  /// Those that this JVM grants.
  private final List<MemoryAccess> accesses =
      Arrays.stream(MemoryAccess.values()).filter(HostileCheck::isGranted).toList();

  private static boolean isGranted(MemoryAccess memory) {
    try {
      host(Engine.JIT, memory).close();
      return true;
    } catch (IllegalArgumentException none) {
      return false;
    }
  }

  private static JvmHost host(Engine engine, MemoryAccess memory) {
    return JvmHost.builder()
        .cpus(1)
        .engine(engine)
        .memoryAccess(memory)
        .poisonFreedMemory(true)
        .kernelTypes(LinuxTypes.shipped())
        .environment(environment())
        .limits(
            Limits.defaults().withInstructions(MOST_INSTRUCTIONS).withPacketBytes(LONGEST_PACKET))
        .build();
  }

  /// A world where lookups with zeros for everything find something.
  private static FixedEnvironment environment() {
    IpAddress zero = IpAddress.of("0.0.0.0");
    IpAddress wide = IpAddress.of("::");
    return FixedEnvironment.builder()
        .seed(1)
        .monotonicNanos(1_000_000)
        .process(7, 7)
        .tasks(new Task(1, 1, "init"), new Task(7, 7, "test"))
        .stack(0x1000, 0x2000, 0x3000)
        .controlGroups(1, 2, 3)
        .counters("events", 11, 12)
        .contextSocket(5)
        .sampledCounter(9)
        .pidNamespace(new PidNamespace(4, 2))
        .sysctl(new Sysctl("net/core/somaxconn", "128\n", Optional.of("256\n")), value -> {})
        .signals((signal, group) -> {})
        .network(
            new Network(
                List.of(new Network.Device(1, 0x02_0000_0000_01L, 1500, true)),
                List.of(
                    new Network.Route(zero, 0, Network.Action.values()[0], 1, Optional.empty(), 0),
                    new Network.Route(wide, 0, Network.Action.values()[0], 1, Optional.empty(), 0)),
                List.of(new Network.Neighbour(1, zero, 0x02_0000_0000_02L)),
                List.of(
                    new Network.Socket(6, zero, 0, Optional.empty(), 0, 10, 0, 5),
                    new Network.Socket(17, zero, 0, Optional.empty(), 0, 7, 0, 6),
                    new Network.Socket(6, wide, 0, Optional.empty(), 0, 10, 0, 8))))
        .build();
  }

  @Override
  public void check(TestProgram program, Tally tally) {
    Thread.currentThread().setName("seed " + program.seed());
    tally.program(program, 0);
    try {
      Outcome interpreted = outcome(program, Engine.INTERPRETER, MemoryAccess.SEGMENT);
      tally.accepted(program);
      tally.runs(program.inputs().size());
      interpreted.lines().stream()
          .filter(line -> line.startsWith(Outcome.FAULT))
          .forEach(tally::cause);
      for (MemoryAccess memory : accesses) {
        Outcome compiled = outcome(program, Engine.JIT, memory);
        if (!interpreted.sameAs(compiled)) {
          differs(program, interpreted, compiled, tally);
          return;
        }
      }
    } catch (LoadException refused) {
      tally.cause("not loaded: " + refused.summary());
    } catch (RuntimeException | LinkageError | StackOverflowError crash) {
      tally.found(SoundnessCheck.crash(program, crash));
    }
  }

  /// Each in a host of its own: what one program leaves behind, such as connections and how many
  /// random numbers it took, would be seen by the next.
  private static Outcome outcome(TestProgram program, Engine engine, MemoryAccess memory) {
    try (JvmHost host = host(engine, memory)) {
      return Outcome.ofAllRuns(host, program, UNVERIFIED);
    }
  }

  private static void differs(
      TestProgram program, Outcome interpreted, Outcome compiled, Tally tally) {
    if (interpreted.differsElsewhere(
        program, () -> host(Engine.INTERPRETER, MemoryAccess.SEGMENT))) {
      tally.cause("results that show addresses");
      return;
    }
    tally.found(
        new Finding(
            Finding.Kind.OTHER_RESULT,
            program.seed(),
            "compiled: " + Outcome.difference(compiled, interpreted)));
  }

  @Override
  public void close() {
    // Nothing is kept.
  }
}
