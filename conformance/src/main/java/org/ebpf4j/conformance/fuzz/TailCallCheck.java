package org.ebpf4j.conformance.fuzz;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunException;
import org.ebpf4j.RunResult;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.testkit.Chance;
import org.ebpf4j.testkit.Settings;
import org.ebpf4j.testkit.TailCalls;
import org.ebpf4j.testkit.TestInput;
import org.ebpf4j.testkit.TestProgram;

/// Programs that call one another and themselves by tail calls do the same compiled as in the
/// interpreter, while the array that leads from one to the next changes between runs.
public final class TailCallCheck implements Check {
  /// Proven programs of a chain need not fit in it; see [Outcome#goesOnFrom].
  private static final long MOST_INSTRUCTIONS = 1_000_000;

  private static final int PROGRAMS = 3;
  private static final int ROUNDS = 3;
  private static final int ELSEWHERE = 24;
  private static final HexFormat HEX = HexFormat.of();

  private final JvmHost interpreter = SoundnessCheck.newHost(Engine.INTERPRETER, MOST_INSTRUCTIONS);
  private final JvmHost compiler = SoundnessCheck.newHost(Engine.JIT, MOST_INSTRUCTIONS);

  @Override
  public void check(TestProgram first, Tally tally) {
    tally.program(first, 0);
    Chance chance = new Chance(first.seed());
    boolean unproven = chance.percent(40);
    Settings same =
        new Settings(
            List.of(first.program().kind().type().orElseThrow()),
            Settings.DEFAULT.statements(),
            Settings.DEFAULT.wrongPerMille());
    List<TestProgram> programs = new ArrayList<>(List.of(first));
    for (int i = 1; i < PROGRAMS; i++) {
      programs.add(TailCalls.generate(chance.number(), same));
    }
    try {
      // Loaded alike: what is refused first makes maps, whose seeds are random numbers.
      Outcome interpreted = outcome(interpreter, programs, unproven, first.seed());
      tally.runs(ROUNDS * first.inputs().size());
      Outcome compiled = outcome(compiler, programs, unproven, first.seed());
      tally.accepted(first);
      if (!interpreted.sameAs(compiled) && !compiled.goesOnFrom(interpreted)) {
        differs(programs, unproven, interpreted, compiled, tally);
      }
    } catch (LoadException refused) {
      tally.cause(refused.summary());
    } catch (RuntimeException | LinkageError | StackOverflowError crash) {
      tally.found(SoundnessCheck.crash(first, crash));
    }
  }

  private static void differs(
      List<TestProgram> programs,
      boolean unproven,
      Outcome interpreted,
      Outcome compiled,
      Tally tally) {
    if (dependsOnAddresses(programs, unproven, interpreted)) {
      tally.cause("results that show addresses");
      return;
    }
    tally.found(
        new Finding(
            Finding.Kind.OTHER_RESULT,
            programs.getFirst().seed(),
            "compiled: " + Outcome.difference(compiled, interpreted)));
  }

  /// As [Outcome#dependsOnAddresses]: whether the interpreter does something else in other hosts.
  private static boolean dependsOnAddresses(
      List<TestProgram> programs, boolean unproven, Outcome interpreted) {
    List<JvmHost> others = new ArrayList<>();
    try {
      for (int i = 0; i < ELSEWHERE; i++) {
        JvmHost other = SoundnessCheck.newHost(Engine.INTERPRETER, MOST_INSTRUCTIONS);
        others.add(other);
        if (!interpreted.sameAs(outcome(other, programs, unproven, programs.getFirst().seed()))) {
          return true;
        }
      }
      return false;
    } finally {
      others.forEach(JvmHost::close);
    }
  }

  /// Each program is a collection of its own; the array is theirs together.
  private static Outcome outcome(
      JvmHost host, List<TestProgram> programs, boolean unproven, long seed) {
    List<LoadedCollection> loaded = new ArrayList<>();
    try (BpfMap array = host.createMap(TailCalls.PROGRAMS)) {
      for (TestProgram program : programs) {
        loaded.add(load(host, program, array, unproven));
      }
      return run(loaded, programs, array, new Chance(seed));
    } finally {
      loaded.forEach(LoadedCollection::close);
    }
  }

  /// What is refused runs checked.
  private static LoadedCollection load(
      JvmHost host, TestProgram program, BpfMap array, boolean unproven) {
    LoadOptions options = LoadOptions.defaults().withMap(TailCalls.PROGRAMS.name(), array);
    if (!unproven) {
      try {
        return host.load(program.collection(), options);
      } catch (LoadException refused) {
        // A near miss.
      }
    }
    return host.load(program.collection(), options.withUnverified(true));
  }

  private static Outcome run(
      List<LoadedCollection> loaded, List<TestProgram> programs, BpfMap array, Chance chance) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < loaded.size(); i++) {
      LoadedCollection collection = loaded.get(i);
      programs
          .get(i)
          .contents()
          .forEach((map, entries) ->
              entries.forEach(entry -> collection.map(map).update(entry.key(), entry.value())));
    }
    for (int round = 0; round < ROUNDS; round++) {
      for (int index = 0; index < PROGRAMS; index++) {
        if (chance.percent(70)) {
          array.putProgram(index, chance.pick(loaded).program(TestProgram.NAME));
        }
      }
      BpfProgram begins = chance.pick(loaded).program(TestProgram.NAME);
      for (TestInput input : programs.getFirst().inputs()) {
        try {
          RunResult result = begins.run(input.toRunInput());
          lines.add((int) result.returnValue() + " " + HEX.formatHex(result.data()));
        } catch (RunException refused) {
          lines.add("no run: " + refused.errno());
        } catch (ProgramFault fault) {
          return new Outcome(lines, Optional.of(fault));
        }
      }
    }
    loaded.forEach(collection -> Outcome.elements(collection, lines));
    return new Outcome(lines, Optional.empty());
  }

  @Override
  public void close() {
    interpreter.close();
    compiler.close();
  }
}
