package org.ebpf4j.runtime.internal.host;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.runtime.Environment;
import org.ebpf4j.runtime.internal.engine.CheckedRun;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.runtime.internal.object.KernelObjects;
import org.ebpf4j.runtime.internal.run.HostServices;
import org.ebpf4j.runtime.internal.run.ProgramContext;

/// Where programs run: for each virtual CPU, one run and those inside it. Entering takes a CPU and
/// keeps all memory alive that the run could see.
final class Runs {
  private final VirtualCpus cpus;
  private final Epochs epochs;
  private final HostServices services;

  /// By CPU, then by depth of nesting; touched only by the thread that owns the CPU.
  private final List<List<CheckedRun>> runs = new ArrayList<>();

  private final int[] depths;

  private final TimerCallbacks callbacks;
  private final HostTimers timers;

  /// @param instructions how many a timer's callback may execute
  Runs(
      int count, Epochs epochs, Environment environment, KernelObjects objects, long instructions) {
    this.callbacks = new TimerCallbacks(this, environment, instructions);
    this.timers = new HostTimers(environment, callbacks);
    this.services = new HostServices(environment, timers, objects);
    this.cpus = new VirtualCpus(count);
    this.epochs = epochs;
    this.depths = new int[count * SPACING];
    for (int cpu = 0; cpu < count; cpu++) {
      runs.add(new ArrayList<>());
    }
  }

  /// Ints between counters, so that each CPU's has a cache line of its own.
  private static final int SPACING = 16;

  int count() {
    return cpus.count();
  }

  HostTimers timers() {
    return timers;
  }

  /// A CPU for a caller to prefer.
  int assign() {
    return cpus.assign();
  }

  /// Takes a CPU, waiting if need be; [#exit] wants what this gives. The CPU is [#cpu] of it.
  int enter(int preferred) {
    int ticket = cpus.acquire(preferred);
    if (ticket >= 0) {
      epochs.enter(ticket);
    }
    return ticket;
  }

  /// As [#enter], but waits for one CPU. The thread must not be in a run.
  int enterOn(int cpu) {
    cpus.acquireOnly(cpu);
    epochs.enter(cpu);
    return cpu;
  }

  static int cpu(int ticket) {
    return ticket < 0 ? ~ticket : ticket;
  }

  void exit(int ticket) {
    if (ticket >= 0) {
      epochs.exit(ticket);
      cpus.release(ticket);
    }
  }

  /// The run to use on a CPU that the caller has entered; [#end] gives it back.
  CheckedRun begin(int cpu, LinkedProgram program, ProgramContext context) {
    int depth = depths[cpu * SPACING];
    List<CheckedRun> nested = runs.get(cpu);
    if (depth == nested.size()) {
      nested.add(new CheckedRun(cpu, services, program, context));
    }
    CheckedRun run = nested.get(depth);
    depths[cpu * SPACING] = depth + 1;
    return run;
  }

  void end(int cpu) {
    depths[cpu * SPACING]--;
  }

  /// Frees the stacks; no run may be under way or begin again.
  void close() {
    for (List<CheckedRun> nested : runs) {
      nested.forEach(CheckedRun::close);
    }
    callbacks.close();
  }
}
