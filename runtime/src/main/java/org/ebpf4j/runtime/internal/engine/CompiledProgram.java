package org.ebpf4j.runtime.internal.engine;

/// What a compiler makes of a program. A class, not an interface: a call through it costs less.
public abstract class CompiledProgram {
  /// Does nothing: for a tail call that is followed once the code which made it has returned.
  static final CompiledProgram NOTHING = new Nothing();

  private final boolean passesRegisters;
  private final boolean plain;
  private final boolean counts;

  /// @param passesRegisters see [#passesRegisters()]
  /// @param plain see [#plain()]
  /// @param counts see [#counts()]
  protected CompiledProgram(boolean passesRegisters, boolean plain, boolean counts) {
    this.passesRegisters = passesRegisters;
    this.plain = plain;
    this.counts = counts;
  }

  /// Whether its functions see of each other's registers what no proven program looks at, and must
  /// find zeros there when the first of them begins.
  public final boolean passesRegisters() {
    return passesRegisters;
  }

  /// Whether nothing has to be set up for it, or taken away after it: it computes, accesses memory,
  /// and uses maps directly. What it asks of its run is the number of the CPU and, where it was not
  /// proven, to check accesses.
  public final boolean plain() {
    return plain;
  }

  /// Whether it takes its instructions off the run's budget: it was not proven to end.
  public final boolean counts() {
    return counts;
  }

  /// Runs a function of the program to its end and gives `R0`. Tail calls are part of it.
  ///
  /// @param entry the slot at which the function begins
  /// @param framePointer the upper end of the function's frame
  /// @throws org.ebpf4j.runtime.internal.run.Fault after the run was told where it is
  public abstract long run(
      CheckedRun run, int entry, long a, long b, long c, long d, long e, long framePointer);

  /// Runs the program's own function, as [#run] with the slot 0 does. Its arguments are few enough
  /// to be passed in the machine's registers.
  ///
  /// @param second `R2`; 0 for most types
  public abstract long begin(CheckedRun run, long context, long second, long framePointer);

  /// Calls each part of a large program once, with nothing to do. HotSpot compiles what is called
  /// often: so the code can get fast before anything waits for it. To be called some thousand times
  /// at most, or HotSpot would take it that there never is anything to do.
  public void warmUp() {
    // What is small gets fast by a few runs.
  }

  private static final class Nothing extends CompiledProgram {
    Nothing() {
      super(false, false, false);
    }

    @Override
    public long run(
        CheckedRun run, int entry, long a, long b, long c, long d, long e, long framePointer) {
      return 0;
    }

    @Override
    public long begin(CheckedRun run, long context, long second, long framePointer) {
      return 0;
    }
  }
}
