package org.ebpf4j.runtime.internal.engine;

import java.util.Arrays;

/// Compiled code that has yet to show that it is faster than the interpreter. At first HotSpot
/// interprets it in turn, and a large program can be slower that way, for a second or more, until
/// HotSpot's own compilers have come round to all of it.
///
/// So that they do, the parts of the code are called along with the interpreter's runs; and so that
/// it can be seen, the code gets some of the runs, while it takes no more than a small part of the
/// time. It has won when, twice in a row, the median of its runs is below that of the interpreter's
/// last ones. Threads may overwrite each other's figures: then it takes a little longer.
final class Trial {
  /// The code gets one part of the time in so many.
  private static final int SHARE = 8;

  /// How many runs of each are compared; a power of two.
  private static final int RUNS = 16;

  /// How often the parts of the code are called to get warm. HotSpot begins to compile what was
  /// called 200 times (`Tier3InvocationThreshold`), or more often while much waits to be compiled.
  /// After 5,000 calls (`Tier4InvocationThreshold`) it would make the final code of what it saw.
  private static final int WARM_UPS = 3000;

  /// How often in a row the code has to be faster.
  private static final int WINS = 2;

  private final CompiledProgram code;
  private final String note;

  /// How much more time the code may take, in nanoseconds.
  private long credit;

  /// What the last runs took, in nanoseconds, and how many there were.
  private final long[] interpreted = new long[RUNS];

  private int interpretedRuns;
  private final long[] compiled = new long[RUNS];
  private int compiledRuns;
  private int wins;
  private int warmUps;

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

  /// Lets the code get faster, which takes a small part of the interpreter's time.
  void warmUp() {
    if (warmUps < WARM_UPS) {
      warmUps++;
      code.warmUp();
    }
  }

  /// Whether the next run is the code's.
  boolean isCodesTurn() {
    return credit > 0 && interpretedRuns >= RUNS;
  }

  /// Counts a run of the interpreter.
  void interpreted(long nanos) {
    credit += nanos / SHARE;
    interpreted[interpretedRuns & (RUNS - 1)] = nanos;
    // Never negative, and as good as counting on.
    interpretedRuns = interpretedRuns == 2 * RUNS - 1 ? RUNS : interpretedRuns + 1;
  }

  /// Counts a run of the code.
  ///
  /// @return whether it has won
  boolean compiled(long nanos) {
    credit -= nanos;
    compiled[compiledRuns & (RUNS - 1)] = nanos;
    compiledRuns++;
    if (compiledRuns < RUNS) {
      return false;
    }
    compiledRuns = 0;
    wins = median(compiled) < median(interpreted) ? wins + 1 : 0;
    return wins >= WINS;
  }

  private static long median(long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return sorted[RUNS / 2];
  }
}
