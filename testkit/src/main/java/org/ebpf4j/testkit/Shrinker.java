package org.ebpf4j.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Instruction.Alu;
import org.ebpf4j.isa.Instruction.LoadImmediate64;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.spec.ProgramSpec;

/// Makes a program that shows something smaller, as long as it shows it still: takes out inputs,
/// then stretches of instructions, then single ones, and puts constants in place of what is left.
public final class Shrinker {
  private final Predicate<TestProgram> shows;
  private TestProgram best;

  private Shrinker(TestProgram program, Predicate<TestProgram> shows) {
    this.best = program;
    this.shows = shows;
  }

  /// The smallest program found of which `shows` still holds.
  ///
  /// @throws IllegalArgumentException if it does not hold of the program given
  public static TestProgram shrink(TestProgram program, Predicate<TestProgram> shows) {
    if (!shows.test(program)) {
      throw new IllegalArgumentException("seed %d does not show it".formatted(program.seed()));
    }
    Shrinker shrinker = new Shrinker(program, shows);
    shrinker.shrinkInputs();
    int before;
    do {
      before = shrinker.size();
      shrinker.removeStretches();
      shrinker.simplify();
    } while (shrinker.size() < before);
    return shrinker.best;
  }

  private int size() {
    return best.program().bytecode().size();
  }

  private void shrinkInputs() {
    for (TestInput input : best.inputs()) {
      TestProgram one = best.withInputs(List.of(input));
      if (shows.test(one)) {
        best = one;
        return;
      }
    }
  }

  private void removeStretches() {
    for (int count = Code.of(best.program()).steps().size() / 2; count >= 1; count /= 2) {
      for (int first = Code.of(best.program()).steps().size() - count; first >= 0; ) {
        boolean removed = attempt(Code.of(best.program()).without(first, count));
        first -= removed ? count : Math.max(1, count / 2);
      }
    }
  }

  private void simplify() {
    for (int i = 0; i < Code.of(best.program()).steps().size(); i++) {
      Code.Step step = Code.of(best.program()).steps().get(i);
      for (Instruction simpler : simpler(step.instruction())) {
        if (attempt(Code.of(best.program()).with(i, simpler))) {
          break;
        }
      }
    }
  }

  /// Constants in place of results, and short ones in place of long.
  private static List<Instruction> simpler(Instruction instruction) {
    List<Instruction> simpler = new ArrayList<>();
    boolean constant =
        instruction instanceof Alu alu
            && alu.operation() == AluOperation.MOV
            && alu.src() instanceof Imm;
    if (instruction.result().isPresent() && !constant) {
      Register dst = instruction.result().orElseThrow();
      for (int value : new int[] {0, 1}) {
        simpler.add(new Alu(Width.W64, AluOperation.MOV, dst, new Imm(value)));
      }
      if (instruction instanceof LoadImmediate64 load && load.value() == (int) load.value()) {
        simpler.add(new Alu(Width.W64, AluOperation.MOV, dst, new Imm((int) load.value())));
      }
    }
    return simpler;
  }

  private boolean attempt(Code code) {
    if (code.steps().isEmpty()) {
      return false;
    }
    ProgramSpec old = best.program();
    TestProgram candidate = best.with(code.toSpec(old.name(), old.section(), old.kind()));
    if (candidate.program().equals(old) || !shows.test(candidate)) {
      return false;
    }
    best = candidate;
    return true;
  }
}
