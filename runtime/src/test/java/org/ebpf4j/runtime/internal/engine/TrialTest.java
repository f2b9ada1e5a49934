package org.ebpf4j.runtime.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Compiled code takes over when it is faster, and costs little until then.
class TrialTest {
  private static final long INTERPRETED = 1000;

  private long all;
  private long byCode;

  /// Whether the code wins in so many runs, if its runs take so long.
  private boolean wins(int runs, long nanos) {
    Trial trial = new Trial(CompiledProgram.NOTHING, "");
    for (int i = 0; i < runs; i++) {
      if (trial.isCodesTurn()) {
        all += nanos;
        byCode += nanos;
        if (trial.compiled(nanos)) {
          return true;
        }
      } else {
        all += INTERPRETED;
        trial.interpreted(INTERPRETED);
      }
    }
    return false;
  }

  @Test
  void fasterCodeWins() {
    assertThat(wins(1000, INTERPRETED / 2)).isTrue();
  }

  @Test
  void slowerCodeStaysOutAndTakesASmallPartOfTheTime() {
    assertThat(wins(100_000, INTERPRETED * 3)).isFalse();
    assertThat(byCode).isPositive().isLessThan(all / 7);
  }

  @Test
  void codeThatBecomesFasterWinsThen() {
    Trial trial = new Trial(CompiledProgram.NOTHING, "");
    long nanos = 5 * INTERPRETED;
    boolean won = false;
    for (int i = 0; i < 100_000 && !won; i++) {
      if (!trial.isCodesTurn()) {
        trial.interpreted(INTERPRETED);
      } else {
        won = trial.compiled(nanos);
        assertThat(won).isEqualTo(won && nanos < INTERPRETED);
        nanos = i > 20_000 ? INTERPRETED / 10 : nanos;
      }
    }
    assertThat(won).isTrue();
  }

  /// Else HotSpot would make the final code of calls that do nothing.
  @Test
  void codeIsWarmedUpForAWhileOnly() {
    int[] calls = new int[1];
    CompiledProgram counting =
        new CompiledProgram(false, false, false) {
          @Override
          public long run(
              CheckedRun run, int entry, long a, long b, long c, long d, long e, long frame) {
            return 0;
          }

          @Override
          public long begin(CheckedRun run, long context, long second, long framePointer) {
            return 0;
          }

          @Override
          public void warmUp() {
            calls[0]++;
          }
        };
    Trial trial = new Trial(counting, "");
    for (int i = 0; i < 10_000; i++) {
      trial.warmUp();
    }
    assertThat(calls[0]).isBetween(200, 4999);
  }
}
