package org.ebpf4j.conformance.fuzz;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunException;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.InstructionCodec;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.runtime.MemoryAccess;
import org.ebpf4j.runtime.internal.host.BuiltIns;
import org.ebpf4j.runtime.internal.host.CollectionLoader;
import org.ebpf4j.runtime.internal.host.Engines;
import org.ebpf4j.runtime.internal.host.HostTables;
import org.ebpf4j.runtime.internal.host.Instruments;
import org.ebpf4j.runtime.internal.host.RuntimeHost;
import org.ebpf4j.runtime.internal.run.Run;
import org.ebpf4j.runtime.internal.run.StepObserver;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.testkit.TestInput;
import org.ebpf4j.testkit.TestProgram;
import org.ebpf4j.verifier.Facts;
import org.ebpf4j.verifier.LinuxTypes;
import org.ebpf4j.verifier.PointerKind;
import org.ebpf4j.verifier.RegisterFact;
import org.ebpf4j.verifier.Verdict;
import org.ebpf4j.verifier.VerifierOptions;
import org.jspecify.annotations.Nullable;

/// At every step of every run of an accepted program, what was proven of it holds: the instruction
/// may be reached, numbers lie in their sets, pointers that are not 0 are not. And no run faults.
public final class FactsCheck implements Check {
  private static final int LONGEST_PACKET = 4096;
  private static final long MOST_INSTRUCTIONS = 2_000_000;
  private static final VerifierOptions OPTIONS =
      VerifierOptions.DEFAULT.withCpus(1).withKernelTypes(LinuxTypes.shipped());

  private final Observer observer = new Observer();
  private final RuntimeHost host =
      new RuntimeHost(
          1,
          Limits.defaults().withInstructions(MOST_INSTRUCTIONS).withPacketBytes(LONGEST_PACKET),
          FixedEnvironment.builder().seed(1).build(),
          new HostTables(
              new HashMap<>(BuiltIns.helpers()),
              new HashMap<>(BuiltIns.kernelFunctions()),
              List.of(),
              List.of(),
              List.of(),
              Set.of(),
              BuiltIns.kconfig(),
              Optional.empty()),
          new Engines(Engine.INTERPRETER, MemoryAccess.SEGMENT),
          new Instruments(false, Optional.of(observer)));

  @Override
  public void check(TestProgram program, Tally tally) {
    Optional<Verdict> verdict = SoundnessCheck.verdict(program, OPTIONS, tally);
    if (verdict.orElse(null) instanceof Verdict.Accepted accepted) {
      tally.accepted(program);
      observer.begin(
          accepted.facts(), program.collection().program(TestProgram.NAME).orElseThrow());
      run(program, tally);
      observer.end();
    }
  }

  private void run(TestProgram program, Tally tally) {
    LoadOptions unverified = LoadOptions.defaults().withUnverified(true);
    try (LoadedCollection loaded = CollectionLoader.load(host, program.collection(), unverified)) {
      for (Map.Entry<String, List<BpfMap.Entry>> contents : program.contents().entrySet()) {
        BpfMap map = loaded.map(contents.getKey());
        contents.getValue().forEach(entry -> map.update(entry.key(), entry.value()));
      }
      BpfProgram running = loaded.program(TestProgram.NAME);
      for (TestInput input : program.inputs()) {
        run(running, input, tally);
      }
      tally.runs(program.inputs().size());
    } catch (LoadException refused) {
      tally.cause(refused.summary());
    } catch (ProgramFault | Violation wrong) {
      tally.found(
          new Finding(Finding.Kind.UNSOUND, program.seed(), String.valueOf(wrong.getMessage())));
    } catch (RuntimeException | StackOverflowError crash) {
      tally.found(SoundnessCheck.crash(program, crash));
    }
  }

  private static void run(BpfProgram program, TestInput input, Tally tally) {
    try {
      program.run(input.toRunInput());
    } catch (ProgramFault fault) {
      if (fault.kind() != ProgramFault.Kind.BUDGET) {
        throw fault;
      }
      // That runs end is for the soundness check, which has more patience.
      tally.cause("longer than the budget");
    } catch (RunException refused) {
      // Not every packet is one that the program type takes.
    }
  }

  @Override
  public void close() {
    host.close();
  }

  /// Something that was proven and does not hold.
  private static final class Violation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Violation(int slot, String what) {
      super("instruction %d: %s".formatted(slot, what), null, false, false);
    }
  }

  private static final class Observer implements StepObserver {
    private @Nullable Facts facts;

    /// The jumps of the program, by slot.
    private final Map<Integer, Instruction.Jump> jumps = new HashMap<>();

    /// The jump that the run came from, -1 if it came from something else.
    private int from;

    void begin(Facts proven, ProgramSpec program) {
      facts = proven;
      jumps.clear();
      from = -1;
      int slot = 0;
      for (Instruction instruction : InstructionCodec.decode(program.bytecode())) {
        if (instruction instanceof Instruction.Jump jump && jump.offset() != 0) {
          jumps.put(slot, jump);
        }
        slot += instruction.slots();
      }
    }

    void end() {
      facts = null;
    }

    /// Two instructions one after the other: where the first is a jump, one way or the other.
    private void checkBranch(Facts proven, int slot) {
      Instruction.Jump jump = from < 0 ? null : jumps.get(from);
      if (jump != null) {
        boolean taken = slot == from + 1 + jump.offset();
        if ((taken || slot == from + 1) && !proven.mayBranch(from, taken)) {
          throw new Violation(
              from, taken ? "jumps, though no run does" : "goes on, though every run jumps");
        }
      }
      from = slot;
    }

    @Override
    public void before(ProgramSpec program, int slot, long[] registers, Run run) {
      Facts proven = facts;
      if (proven == null || slot >= program.bytecode().size()) {
        return;
      }
      checkBranch(proven, slot);
      if (!proven.isReachable(slot)) {
        throw new Violation(slot, "reached, though no run comes there");
      }
      for (int register = 0; register < 10; register++) {
        RegisterFact fact = proven.before(slot, register);
        if (!holds(fact, registers[register])) {
          throw new Violation(
              slot, "R%d is 0x%x, not %s".formatted(register, registers[register], fact));
        }
      }
    }

    private static boolean holds(RegisterFact fact, long value) {
      return switch (fact) {
        case RegisterFact.Unknown unknown -> true;
        case RegisterFact.Scalar scalar -> scalar.contains(value);
        case RegisterFact.Pointer pointer ->
            value == 0 ? pointer.maybeNull() : isOnStride(pointer, value);
      };
    }

    /// Frames and values of maps begin at multiples of the widest stride.
    private static boolean isOnStride(RegisterFact.Pointer pointer, long value) {
      boolean aligned =
          pointer.kind() == PointerKind.STACK || pointer.kind() == PointerKind.MAP_VALUE;
      return !aligned || (value - pointer.minOffset()) % pointer.stride() == 0;
    }
  }
}
