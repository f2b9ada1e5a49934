package org.ebpf4j.runtime.internal.host;

import java.util.Arrays;
import org.ebpf4j.runtime.internal.engine.CheckedRun;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.memory.Padding;
import org.ebpf4j.runtime.internal.run.HostServices;
import org.ebpf4j.runtime.internal.run.ProgramContext;

/// The runs under way on one virtual CPU, one inside the other; for who owns the CPU. They are kept
/// and serve again.
final class RunStack extends Padding {
  private final int cpu;
  private final HostServices services;

  /// What runs at each depth; beyond [#depth], what ran there last.
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
    for (int i = 0; i < top; i++) {
      if (programs[i] == program) {
        return true;
      }
    }
    return false;
  }

  /// Begins a run inside those under way.
  CheckedRun push(LinkedProgram program, ProgramContext context) {
    // What is mostly so is a branch of its own, for a branch foretold waits for no load.
    return depth == 0 ? push(program, context, 0) : push(program, context, depth);
  }

  private CheckedRun push(LinkedProgram program, ProgramContext context, int at) {
    if (at == runs.length) {
      grow(program, context);
    }
    // Storing a reference has its cost, and mostly it is the same.
    if (programs[at] != program) {
      programs[at] = program;
    }
    depth = at + 1;
    return runs[at];
  }

  private void grow(LinkedProgram program, ProgramContext context) {
    CheckedRun[] more = Arrays.copyOf(runs, runs.length + 1);
    more[runs.length] = new CheckedRun(cpu, services, program, context);
    programs = Arrays.copyOf(programs, more.length);
    programs[runs.length] = program;
    runs = more;
  }

  /// Ends the innermost run.
  void pop() {
    depth = depth == 1 ? 0 : depth - 1;
  }

  /// Frees the stacks; no run may be under way or begin again.
  void close() {
    for (CheckedRun run : runs) {
      run.close();
    }
  }
}
