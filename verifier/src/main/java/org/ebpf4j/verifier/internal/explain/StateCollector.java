package org.ebpf4j.verifier.internal.explain;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.verifier.WalkedInstruction;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.explore.Observer;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// Collects what is known before each instruction, of as many paths as people want to see.
public final class StateCollector implements Observer {
  private static final int MOST_STATES = 4;

  /// Of each instruction of larger programs one state is kept: all others would take gigabytes.
  private static final int LARGE = 10_000;

  private final ProgramCode code;
  private final InstructionText text;
  private final int mostStates;
  private final long[] visits;
  private final List<List<String>> states = new ArrayList<>();

  public StateCollector(ProgramCode code, Rules rules) {
    this.code = code;
    this.text = new InstructionText(code, rules);
    this.mostStates = code.size() > LARGE ? 1 : MOST_STATES;
    this.visits = new long[code.size()];
    for (int i = 0; i < code.size(); i++) {
      states.add(new ArrayList<>(1));
    }
  }

  @Override
  public void resumes(VerifierState state, int previous, int slot) {}

  @Override
  public void before(VerifierState state, int slot) {
    visits[slot]++;
    List<String> known = states.get(slot);
    if (known.size() < mostStates) {
      String now = StateText.of(state, state.top()).strip();
      if (!known.contains(now)) {
        known.add(now);
      }
    }
  }

  @Override
  public void after(VerifierState state, int slot, int next) {}

  @Override
  public void covered(VerifierState state, int previous, int slot) {}

  /// All instructions of the program, walked or not.
  public List<WalkedInstruction> instructions() {
    List<WalkedInstruction> result = new ArrayList<>();
    for (int slot = 0; slot < code.size(); slot++) {
      if (!code.isSecondHalf(slot)) {
        result.add(
            new WalkedInstruction(
                slot, text.at(slot), code.program().line(slot), visits[slot], states.get(slot)));
      }
    }
    return result;
  }
}
