package org.ebpf4j.jit.internal.flow;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToIntFunction;

/// Cuts a function into pieces for methods that HotSpot compiles: it leaves methods of more than
/// 8,000 bytes to its interpreter, and those of several thousand take it long.
///
/// Cuts are between blocks, and not inside a loop that would fit. Pieces are larger than is good
/// for the time that HotSpot takes where a loop or the whole function needs it.
public final class Cutter {
  private final List<Block> blocks;
  private final int[] sizes;
  private final int usual;
  private final int limit;

  private Cutter(List<Block> blocks, ToIntFunction<Block> size, int usual, int limit) {
    this.blocks = blocks;
    this.usual = usual;
    this.sizes = blocks.stream().mapToInt(size).toArray();
    this.limit = limit;
  }

  /// The pieces, each some blocks that follow each other.
  ///
  /// @param size about how many bytes a block takes
  /// @param usual about how many bytes a method should have
  /// @param limit about how many it may have; a block alone may take more
  public static List<List<Block>> cut(
      List<Block> blocks, ToIntFunction<Block> size, int usual, int limit) {
    return new Cutter(blocks, size, usual, limit).pieces();
  }

  private List<List<Block>> pieces() {
    if (Arrays.stream(sizes).asLongStream().sum() <= limit) {
      return List.of(blocks);
    }
    boolean[] inLoop = insideFittingLoops();
    List<List<Block>> pieces = new ArrayList<>();
    int start = 0;
    while (start < sizes.length) {
      int most = start + 1;
      int bytes = sizes[start];
      while (most < sizes.length && bytes + sizes[most] <= (inLoop[most] ? limit : usual)) {
        bytes += sizes[most++];
      }
      int end = most;
      while (end < sizes.length && end > start + 1 && inLoop[end]) {
        end--;
      }
      if (end < sizes.length && inLoop[end]) {
        end = most;
      }
      pieces.add(blocks.subList(start, end));
      start = end;
    }
    return pieces;
  }

  /// By block: whether a cut before it would be inside a loop that fits into one method.
  private boolean[] insideFittingLoops() {
    int[] starts = blocks.stream().mapToInt(Block::start).toArray();
    long[] before = new long[sizes.length + 1];
    for (int i = 0; i < sizes.length; i++) {
      before[i + 1] = before[i] + sizes[i];
    }
    // By block: how many loops begin or end there.
    int[] changes = new int[sizes.length + 2];
    for (int i = 0; i < sizes.length; i++) {
      for (int next : blocks.get(i).next()) {
        if (next <= starts[i]) {
          int head = Arrays.binarySearch(starts, next);
          if (before[i + 1] - before[head] <= limit) {
            changes[head + 1]++;
            changes[i + 1]--;
          }
        }
      }
    }
    boolean[] inside = new boolean[sizes.length + 1];
    int depth = 0;
    for (int i = 0; i <= sizes.length; i++) {
      depth += changes[i];
      inside[i] = depth > 0;
    }
    return inside;
  }
}
