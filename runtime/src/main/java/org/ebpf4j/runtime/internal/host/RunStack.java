package org.ebpf4j.runtime.internal.host;

import java.util.Arrays;
import org.ebpf4j.runtime.internal.engine.CheckedRun;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.memory.Padding;
import org.ebpf4j.runtime.internal.run.HostServices;
import org.ebpf4j.runtime.internal.run.ProgramContext;
import org.jspecify.annotations.Nullable;

/// The runs under way on one virtual CPU, one inside the other; for who owns the CPU. They are kept
/// and serve again.
final class RunStack extends Padding {
  private final int cpu;
  private final HostServices services;

  // The outermost run has places of its own, for most are no more than that.
  private @Nullable LinkedProgram outermost;
  private @Nullable CheckedRun first;

  /// What runs inside, by depth from 1; beyond [#depth], what ran there last.
  private LinkedProgram[] programs = {};

  private CheckedRun[] runs = {};
  private int depth;

  RunStack(int cpu, HostServices services) {
    this.cpu = cpu;
    this.services = services;
  }

  /// Whether a run of this program is under way.
  boolean holds(LinkedProgram program) {
    return depth != 0 && isBelow(program, depth);
  }

  private boolean isBelow(LinkedProgram program, int top) {
    if (outermost == program) {
      return true;
    }
    for (int i = 1; i < top; i++) {
      if (programs[i - 1] == program) {
        return true;
      }
    }
    return false;
  }

  /// Begins a run inside those under way.
  CheckedRun push(LinkedProgram program, ProgramContext context) {
    if (depth != 0) {
      return pushInside(program, context);
    }
    CheckedRun run = first;
    if (run == null) {
      run = new CheckedRun(cpu, services, program, context);
      first = run;
    }
    // Storing a reference has its cost, and mostly it is the same.
    if (outermost != program) {
      outermost = program;
    }
    depth = 1;
    return run;
  }

  /// The run that is not inside another; `null` before the first one.
  @Nullable CheckedRun outermost() {
    return first;
  }

  private CheckedRun pushInside(LinkedProgram program, ProgramContext context) {
    int at = depth - 1;
    if (at == runs.length) {
      CheckedRun[] more = Arrays.copyOf(runs, at + 1);
      more[at] = new CheckedRun(cpu, services, program, context);
      programs = Arrays.copyOf(programs, at + 1);
      runs = more;
    }
    programs[at] = program;
    depth++;
    return runs[at];
  }

  /// How many runs are under way.
  int depth() {
    return depth;
  }

  /// Ends the innermost run.
  ///
  /// @param before what [#depth] was before it began
  void pop(int before) {
    depth = before;
  }

  /// Frees the stacks; no run may be under way or begin again.
  void close() {
    if (first != null) {
      first.close();
    }
    for (CheckedRun run : runs) {
      run.close();
    }
  }
}
