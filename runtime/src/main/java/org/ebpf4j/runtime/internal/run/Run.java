package org.ebpf4j.runtime.internal.run;

import org.ebpf4j.runtime.Environment;
import org.ebpf4j.runtime.HelperCall;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.jspecify.annotations.Nullable;

/// One run under way on one virtual CPU, as helpers and contexts see it. The object belongs to its
/// CPU and serves run after run.
public abstract class Run implements HelperCall {
  private final int cpu;
  private final Environment environment;
  private final Timers timers;
  private final RunResources resources = new RunResources();

  protected Run(int cpu, Environment environment, Timers timers) {
    this.cpu = cpu;
    this.environment = environment;
    this.timers = timers;
  }

  /// What programs ask about the world.
  public final Environment environment() {
    return environment;
  }

  /// The timers of the host.
  public final Timers timers() {
    return timers;
  }

  /// The virtual CPU it runs on.
  @Override
  public final int cpu() {
    return cpu;
  }

  /// What helpers let the program touch, and what it holds.
  public final RunResources resources() {
    return resources;
  }

  /// What the program was given.
  public abstract ProgramContext context();

  /// The map that a handle in a register stands for; the engine has checked that it is one.
  public abstract RuntimeMap map(long handle);

  /// The map whose value holds this address, or `null`.
  public abstract @Nullable RuntimeMap mapAt(long address);

  /// Calls a function of the program, as `bpf_loop` and its like do, and gives its `R0`.
  ///
  /// @param function the handle that the program passed
  public abstract long call(long function, long a, long b, long c, long d, long e);

  /// Whether the program may read these bytes as ordinary memory: what `probe_read` and its like
  /// ask.
  public abstract boolean readable(long address, int size);
}
