package org.ebpf4j.runtime.internal.map;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Free pages against a set of bits that is searched page by page.
class FreePagesTest {
  private static final int COUNT = 96;

  /// The start of the smallest range of free pages that is large enough; among equals the first.
  private static int smallest(BitSet free, int count) {
    int best = FreePages.NONE;
    int bestLength = Integer.MAX_VALUE;
    for (int start = free.nextSetBit(0); start >= 0; ) {
      int end = free.nextClearBit(start);
      if (end - start >= count && end - start < bestLength) {
        best = start;
        bestLength = end - start;
      }
      start = free.nextSetBit(end);
    }
    return best;
  }

  @Test
  void everyStepIsThatOfASetOfBits() {
    for (int seed = 0; seed < 50; seed++) {
      Random random = new Random(seed);
      FreePages pages = new FreePages(COUNT);
      BitSet free = new BitSet();
      free.set(0, COUNT);
      for (int step = 0; step < 400; step++) {
        int first = random.nextInt(COUNT);
        int count = 1 + random.nextInt(Math.min(12, COUNT - first));
        String at = "seed %d, step %d: %d pages at %d".formatted(seed, step, count, first);
        switch (random.nextInt(3)) {
          case 0 -> {
            int expected = smallest(free, count);
            assertThat(pages.take(count)).as(at).isEqualTo(expected);
            if (expected >= 0) {
              free.clear(expected, expected + count);
            }
          }
          case 1 -> {
            boolean all = free.nextClearBit(first) >= first + count;
            assertThat(pages.has(first, count)).as(at).isEqualTo(all);
            pages.remove(first, count);
            free.clear(first, first + count);
          }
          default -> {
            pages.give(first, count);
            free.set(first, first + count);
          }
        }
      }
    }
  }
}
