package org.ebpf4j.conformance.fuzz;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;
import org.ebpf4j.testkit.TestProgram;

/// Compiled programs do what they do in the interpreter: the same results, packets and maps.
/// Accepted programs are compiled with the verifier's facts, refused ones with every access
/// checked, and both fault alike.
public final class EngineCheck implements Check {
  /// Far more than an accepted program takes; a refused one that goes on for ever ends soon.
  private static final long MOST_INSTRUCTIONS = 1_000_000;

  /// More runs one after another than a host wants to see before it lends a CPU.
  private static final int RUNS_FOR_CPU = 100;

  private static final String IDLE_NAME = "idle";
  private static final CollectionSpec IDLE = idle();

  private final JvmHost interpreter = SoundnessCheck.newHost(Engine.INTERPRETER, MOST_INSTRUCTIONS);
  private final JvmHost compiler = SoundnessCheck.newHost(Engine.JIT, MOST_INSTRUCTIONS);

  /// Whether nothing is proven before it is compiled.
  private final boolean unproven;

  /// Whom the compiler's host lends its CPU to.
  private Optional<Tenant> tenant = Optional.empty();

  /// A thread, and what it runs to be lent a CPU.
  private record Tenant(Thread thread, Runner idle) {}

  private static CollectionSpec idle() {
    Bytecode code = Assembler.assemble("r0 = 0\nexit\n");
    return CollectionSpec.of(
        new ProgramSpec(
            IDLE_NAME,
            "socket",
            new ProgramKind(
                Optional.of(ProgramType.SOCKET_FILTER), Optional.empty(), "", false, false),
            code,
            List.of(new ProgramFunction(0, code.size(), IDLE_NAME, 0, true)),
            List.of(),
            List.of(),
            List.of(),
            true));
  }

  public EngineCheck() {
    this(false);
  }

  private EngineCheck(boolean unproven) {
    this.unproven = unproven;
  }

  /// One that has every access checked in all programs, of which the good ones come further than
  /// those that are refused.
  public static EngineCheck ofUnproven() {
    return new EngineCheck(true);
  }

  /// Runs often enough to be lent the CPU, which programs that need nothing set up then find lent.
  /// What was closed before has given it back.
  private void settle() {
    Thread self = Thread.currentThread();
    Tenant settled =
        tenant
            .filter(last -> last.thread() == self)
            .orElseGet(() -> new Tenant(self, compiler.load(IDLE).program(IDLE_NAME).runner()));
    tenant = Optional.of(settled);
    for (int i = 0; i < RUNS_FOR_CPU; i++) {
      settled.idle().run();
    }
  }

  @Override
  public void check(TestProgram program, Tally tally) {
    settle();
    LoadOptions unverified = LoadOptions.defaults().withUnverified(true);
    tally.program(program, 0);
    try {
      Outcome compiled;
      try {
        compiled = Outcome.of(compiler, program, unproven ? unverified : LoadOptions.defaults());
        tally.accepted(program);
      } catch (LoadException refused) {
        tally.cause(refused.summary());
        compiled = Outcome.of(compiler, program, unverified);
      }
      tally.runs(program.inputs().size());
      Outcome interpreted = Outcome.of(interpreter, program, unverified);
      if (interpreted.sameAs(compiled)) {
        return;
      }
      if (compiled.goesOnFrom(interpreted)) {
        tally.cause("longer than the interpreter's budget");
        return;
      }
      if (interpreted.dependsOnAddresses(program, MOST_INSTRUCTIONS)) {
        tally.cause("results that show addresses");
        return;
      }
      tally.found(
          new Finding(
              Finding.Kind.OTHER_RESULT,
              program.seed(),
              "compiled: " + Outcome.difference(compiled, interpreted)));
    } catch (LoadException refused) {
      tally.cause("not loaded unverified: " + refused.summary());
    } catch (RuntimeException | LinkageError | StackOverflowError crash) {
      tally.found(SoundnessCheck.crash(program, crash));
    }
  }

  @Override
  public void close() {
    interpreter.close();
    compiler.close();
  }
}
