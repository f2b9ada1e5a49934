package org.ebpf4j.runtime.internal.host;

import java.util.Optional;
import org.ebpf4j.runtime.Environment;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.runtime.internal.object.KernelObjects;
import org.ebpf4j.runtime.internal.run.HostServices;
import org.ebpf4j.runtime.internal.run.StepObserver;
import org.jspecify.annotations.Nullable;

/// Where programs run: for each virtual CPU, one run and those inside it. Entering takes a CPU and
/// keeps all memory alive that the run could see.
final class Runs {
  private final VirtualCpus cpus;
  private final TimerCallbacks callbacks;
  private final HostTimers timers;

  /// @param instructions how many a run may execute
  /// @param observer who looks on as programs run, if anyone does
  Runs(
      int count,
      Epochs epochs,
      Environment environment,
      KernelObjects objects,
      long instructions,
      Optional<StepObserver> observer) {
    this.callbacks = new TimerCallbacks(this, environment);
    this.timers = new HostTimers(environment, callbacks);
    HostServices services = new HostServices(environment, timers, objects, instructions, observer);
    VirtualCpu[] all = new VirtualCpu[count];
    for (int cpu = 0; cpu < count; cpu++) {
      all[cpu] = new VirtualCpu(cpu, epochs, new RunStack(cpu, services));
    }
    this.cpus = new VirtualCpus(all);
  }

  int count() {
    return cpus.count();
  }

  HostTimers timers() {
    return timers;
  }

  /// A place for one caller to run from.
  Seat seat() {
    return new Seat(cpus.assign());
  }

  /// Begins a run where the caller runs mostly, in a few instructions, if there is such a place and
  /// it is not in a run already. Else `null`, and [#enter] is the way.
  static @Nullable CpuLease enterLeased(Seat seat) {
    CpuLease lease = seat.lease();
    return lease != null && lease.begin() ? lease : null;
  }

  /// Takes a CPU, waiting if need be; [#exit] wants what this gives. The CPU is [#cpu] of it.
  int enter(Seat seat) {
    return cpus.begin(seat);
  }

  /// The CPU that the caller has entered.
  VirtualCpu cpu(int ticket) {
    return cpus.get(ticket < 0 ? ~ticket : ticket);
  }

  void exit(int ticket, Seat seat) {
    if (ticket >= 0) {
      cpus.end(ticket, seat);
    }
  }

  /// As [#enter], but waits for one CPU. The thread must not be in a run.
  VirtualCpu enterOn(int cpu) {
    cpus.beginOn(cpu);
    return cpus.get(cpu);
  }

  /// Ends what [#enterOn] began.
  void exitFrom(int cpu) {
    cpus.endOn(cpu);
  }

  /// Gives up what a caller keeps between runs.
  void leave(Seat seat) {
    cpus.leave(seat);
  }

  /// Frees the stacks; no run may be under way or begin again.
  void close() {
    for (int cpu = 0; cpu < cpus.count(); cpu++) {
      cpus.get(cpu).stack().close();
    }
    callbacks.close();
  }
}
