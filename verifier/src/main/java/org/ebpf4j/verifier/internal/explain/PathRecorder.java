package org.ebpf4j.verifier.internal.explain;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.ebpf4j.verifier.internal.explore.Observer;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;
import org.jspecify.annotations.Nullable;

/// Remembers the path that is being walked, and of others what they have in common with it.
public final class PathRecorder implements Observer {
  private static final Value[] NOTHING_SPILLED = {};

  @Override
  public void resumes(VerifierState state, int previous, int slot) {}

  @Override
  public void before(VerifierState state, int slot) {
    Step last = (Step) state.trail;
    Frame frame = state.top();
    state.trail = new Step(slot, state.depth(), registers(frame, last), spilled(frame, last), last);
  }

  @Override
  public void after(VerifierState state, int slot, int next) {}

  @Override
  public void covered(VerifierState state, int previous, int slot) {}

  /// The steps to a state, first to last.
  static List<Step> path(VerifierState state) {
    List<Step> steps = new ArrayList<>();
    for (@Nullable Step step = (Step) state.trail; step != null; step = step.before()) {
      steps.add(step);
    }
    Collections.reverse(steps);
    return steps;
  }

  private static Value[] registers(Frame frame, @Nullable Step last) {
    if (last != null) {
      boolean same = true;
      for (int i = 0; same && i <= 10; i++) {
        same = last.registers()[i] == frame.register(i);
      }
      if (same) {
        return last.registers();
      }
    }
    Value[] registers = new Value[11];
    for (int i = 0; i <= 10; i++) {
      registers[i] = frame.register(i);
    }
    return registers;
  }

  private static Value[] spilled(Frame frame, @Nullable Step last) {
    int count = frame.slotCount();
    if (count == 0) {
      return NOTHING_SPILLED;
    }
    if (last != null && last.spilled().length == count) {
      boolean same = true;
      for (int i = 0; same && i < count; i++) {
        same = last.spilled()[i] == spilled(frame, i);
      }
      if (same) {
        return last.spilled();
      }
    }
    Value[] spilled = new Value[count];
    for (int i = 0; i < count; i++) {
      spilled[i] = spilled(frame, i);
    }
    return spilled;
  }

  private static Value spilled(Frame frame, int slot) {
    return frame.isSpilled(slot) ? frame.slot(slot) : Value.UNINITIALIZED;
  }
}
