package org.ebpf4j.verifier.internal.explore;

import java.util.OptionalLong;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// The most instructions that one run executes: the longest path of the walk, where a path that
/// ends at a checkpoint goes on as the longest one from there.
///
/// A run is covered, instruction by instruction, by such a path: so none is longer. A path that
/// ends at a checkpoint of the loop it is in has no bound. Each call of a global function, which is
/// walked on its own, costs as much as the costliest of them.
final class RunLength {
  /// Nothing is known.
  static final long UNBOUNDED = Long.MAX_VALUE;

  private long main;
  private long mainCalls;
  private long global;
  private long globalCalls;

  static long sum(long a, long b) {
    return a == UNBOUNDED || b == UNBOUNDED || a > UNBOUNDED - b ? UNBOUNDED : a + b;
  }

  private static long product(long a, long b) {
    return a == 0 || b == 0 ? 0 : b == UNBOUNDED || a > UNBOUNDED / b ? UNBOUNDED : a * b;
  }

  /// Takes what the walk of a function came to.
  ///
  /// @param isMain whether it is the program itself, or a global function
  void add(Pruner walked, boolean isMain) {
    if (isMain) {
      main = walked.longest();
      mainCalls = walked.mostGlobalCalls();
    } else {
      global = Math.max(global, walked.longest());
      globalCalls = Math.max(globalCalls, walked.mostGlobalCalls());
    }
  }

  /// A run may end by an exception, whose callback is walked like a global function.
  void addException() {
    mainCalls++;
  }

  OptionalLong longest() {
    long call = 0;
    for (int depth = 1; depth < VerifierState.MAX_FRAMES; depth++) {
      call = sum(global, product(globalCalls, call));
    }
    long longest = sum(main, product(mainCalls, call));
    return longest == UNBOUNDED ? OptionalLong.empty() : OptionalLong.of(longest);
  }
}
