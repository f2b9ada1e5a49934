package org.ebpf4j.conformance.fuzz;

import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.testkit.TestProgram;

/// Compiled programs do what they do in the interpreter: the same results, packets and maps.
/// Accepted programs are compiled with the verifier's facts, refused ones with every access
/// checked, and both fault alike.
public final class EngineCheck implements Check {
  /// Far more than an accepted program takes; a refused one that goes on for ever ends soon.
  private static final long MOST_INSTRUCTIONS = 1_000_000;

  private final JvmHost interpreter = SoundnessCheck.newHost(Engine.INTERPRETER, MOST_INSTRUCTIONS);
  private final JvmHost compiler = SoundnessCheck.newHost(Engine.JIT, MOST_INSTRUCTIONS);

  /// Whether nothing is proven before it is compiled.
  private final boolean unproven;

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

  @Override
  public void check(TestProgram program, Tally tally) {
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
