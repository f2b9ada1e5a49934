package org.ebpf4j.jit.internal.flow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Finds loops by the jumps backward that close them.
public final class Loops {
  private Loops() {}

  /// The blocks between the target and the source of a jump backward. The blocks given are in the
  /// order of their slots; jumps to others do not count.
  public static List<Block> blocksIn(List<Block> blocks) {
    int[] starts = blocks.stream().mapToInt(Block::start).toArray();
    // By block: how many loops begin there, less those that ended before.
    int[] changes = new int[starts.length + 1];
    for (int i = 0; i < starts.length; i++) {
      for (int next : blocks.get(i).next()) {
        int head = next <= starts[i] ? Arrays.binarySearch(starts, next) : -1;
        if (head >= 0) {
          changes[head]++;
          changes[i + 1]--;
        }
      }
    }
    List<Block> found = new ArrayList<>();
    int depth = 0;
    for (int i = 0; i < starts.length; i++) {
      depth += changes[i];
      if (depth > 0) {
        found.add(blocks.get(i));
      }
    }
    return found;
  }
}
