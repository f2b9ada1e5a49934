package org.ebpf4j.runtime.internal.run;

import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.memory.Region;

/// One run under way on one virtual CPU, as helpers and contexts see it. The object belongs to its
/// CPU and serves run after run.
public abstract class Run {
  private final int cpu;

  protected Run(int cpu) {
    this.cpu = cpu;
  }

  /// The virtual CPU it runs on.
  public final int cpu() {
    return cpu;
  }

  /// The map that a handle in a register stands for; the engine has checked that it is one.
  public abstract RuntimeMap map(long handle);

  /// Calls a function of the program, as `bpf_loop` and its like do, and gives its `R0`.
  ///
  /// @param function the handle that the program passed
  public abstract long call(long function, long a, long b, long c, long d, long e);

  /// Lets the program touch a region until the run ends or [#forget] is called.
  public abstract void remember(Region region);

  /// Ends what [#remember] began.
  public abstract void forget(Region region);
}
