package org.ebpf4j.runtime.internal.engine;

/// Compiled code that has yet to show that it is faster than the interpreter. At first HotSpot
/// interprets it in turn, and a large program can be slower that way, for a second or more, until
/// HotSpot's own compilers have come round to all of it.
///
/// So that they do, and so that it can be seen, the code gets some of the runs, while it takes no
/// more than a small part of the time. It has won when its runs take less on the average than those
/// of the interpreter. Threads may overwrite each other's figures: then it takes a little longer.
final class Trial {
  /// The code gets one part of the time in so many.
  private static final int SHARE = 8;

  /// How many runs of each make an average.
  private static final int RUNS = 16;

  private final CompiledProgram code;
  private final String note;

  /// How much more time the code may take.
  private long credit;

  /// In nanoseconds, and how many runs that was.
  private long interpreted;

  private int interpretedRuns;
  private long compiled;
  private int compiledRuns;

  /// @param note what is to be said of the code once it has won
  Trial(CompiledProgram code, String note) {
    this.code = code;
    this.note = note;
  }

  String note() {
    return note;
  }

  CompiledProgram code() {
    return code;
  }

  /// Whether the next run is the code's.
  boolean isCodesTurn() {
    return credit > 0 && interpretedRuns >= RUNS;
  }

  /// Counts a run of the interpreter.
  void interpreted(long nanos) {
    credit += nanos / SHARE;
    if (interpretedRuns == 4 * RUNS) {
      // What was long ago counts less and less: later runs may do something else.
      interpreted /= 2;
      interpretedRuns /= 2;
    }
    interpreted += nanos;
    interpretedRuns++;
  }

  /// Counts a run of the code.
  ///
  /// @return whether it has won
  boolean compiled(long nanos) {
    credit -= nanos;
    compiled += nanos;
    compiledRuns++;
    if (compiledRuns < RUNS) {
      return false;
    }
    boolean faster = compiled * interpretedRuns < interpreted * compiledRuns;
    compiled = 0;
    compiledRuns = 0;
    return faster;
  }
}
