package org.ebpf4j.runtime.internal.host;

import java.util.List;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.runtime.Environment;
import org.ebpf4j.runtime.internal.context.PlainContext;
import org.ebpf4j.runtime.internal.engine.CheckedRun;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.run.ProgramContext;

/// Runs callbacks of timers on the host's virtual CPUs, with the map, the key and the value as
/// arguments (`bpf_timer_cb`). Faults go to the environment.
final class TimerCallbacks implements HostTimers.CallbackRunner {
  private final Runs runs;
  private final Environment environment;

  /// Nothing: a callback is not given what its program was.
  private final ProgramContext context =
      new PlainContext(new ContextLayout("timer", 0, List.of()), false);

  private volatile boolean stopped;

  TimerCallbacks(Runs runs, Environment environment) {
    this.runs = runs;
    this.environment = environment;
  }

  @Override
  public void run(HostTimer timer, LinkedProgram program, long function) {
    if (timer.pinned) {
      VirtualCpu cpu = runs.enterOn(timer.cpu);
      try {
        callBack(timer, program, function, cpu);
      } finally {
        runs.exitFrom(timer.cpu);
      }
      return;
    }
    Seat seat = new Seat(timer.cpu);
    int ticket = runs.enter(seat);
    try {
      callBack(timer, program, function, runs.cpu(ticket));
    } finally {
      runs.exit(ticket, seat);
    }
  }

  private void callBack(HostTimer timer, LinkedProgram program, long function, VirtualCpu cpu) {
    // Looked at inside the epoch: what is open now stays until the callback is over.
    if (stopped || !timer.map.retain()) {
      return;
    }
    RunStack stack = cpu.stack();
    int depth = stack.depth();
    CheckedRun run = stack.push(program, context);
    try {
      long key = timer.map.keyOf(timer.value, cpu.number());
      run.callBack(program, context, function, timer.map, key, timer.value);
    } catch (ProgramFault fault) {
      environment.faulted(fault);
    } finally {
      stack.pop(depth);
      timer.map.release();
    }
  }

  @Override
  public void stop() {
    stopped = true;
  }

  void close() {
    context.close();
  }
}
