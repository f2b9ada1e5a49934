package org.ebpf4j.runtime.internal.engine;

import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Which engine runs a program: the interpreter, until there is compiled code that is faster.
public final class Execution {
  /// Instructions in the interpreter after which a program is worth compiling: some milliseconds of
  /// work, about what compiling a small program costs.
  private static final long WARM = 1_000_000;

  private final AtomicBoolean promoted = new AtomicBoolean();
  private @Nullable Runnable promotion;
  private volatile @Nullable Trial trial;
  private volatile @Nullable CompiledProgram compiled;
  private volatile @Nullable CompiledProgram plain;
  private volatile String note = "";

  /// A counter of the threads that interpret the program. They may overwrite each other's count:
  /// then it is compiled a little later.
  private long interpreted;

  /// Has it compiled when it turns out to be worth it. To be called before the program is in use.
  ///
  /// @param compilation called once, inside a run; must not wait
  public void whenWarm(Runnable compilation) {
    promotion = compilation;
    note = "to be compiled when it has run for a while";
  }

  /// The compiled program, or `null`.
  public @Nullable CompiledProgram compiled() {
    return compiled;
  }

  /// Runs from now on begin in compiled code.
  public void compiled(LinkedProgram program, CompiledProgram code, String newNote) {
    note = newNote;
    plain = code.plain() && program.isOfOrdinaryMemory() ? code : null;
    compiled = code;
  }

  /// Compiled code that leaves nothing to its run, or `null`.
  public @Nullable CompiledProgram plain() {
    return plain;
  }

  /// Compiled code to try beside the interpreter: it takes over when it is faster.
  public void tryOut(CompiledProgram code, String newNote) {
    note = "compiled; to take over when it is faster";
    trial = new Trial(code, newNote);
  }

  /// The compiled code that is being tried, or `null`.
  @Nullable Trial trial() {
    return trial;
  }

  /// Ends the trial: runs from now on begin in its code.
  void adopt(LinkedProgram program, Trial won) {
    compiled(program, won.code(), won.note());
    trial = null;
  }

  /// Says why it stays in the interpreter.
  public void stay(String reason) {
    note = reason;
  }

  /// Something about the engine for people, such as why there is no compiled code; may be empty.
  public String note() {
    return note;
  }

  /// Counts a run of the interpreter.
  void interpreted(long instructions) {
    if (promotion != null) {
      interpreted += instructions;
      if (interpreted >= WARM && promoted.compareAndSet(false, true)) {
        promotion.run();
      }
    }
  }
}
