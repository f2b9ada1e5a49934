package org.ebpf4j.runtime.internal.object;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Memory;

/// Memory for many small objects, in pieces of powers of two. Freed pieces are used again; once
/// closed, all of it goes with the last piece.
final class ObjectMemory {
  private static final int SMALLEST = 4;
  private static final int SLAB = 1 << 16;

  private final Budget budget;
  private final List<Deque<Long>> free = new ArrayList<>();
  private final List<Block> blocks = new ArrayList<>();
  private int used;
  private boolean closed;

  ObjectMemory(Budget budget) {
    this.budget = budget;
    for (int i = 0; i < Integer.SIZE; i++) {
      free.add(new ArrayDeque<>());
    }
  }

  /// Zeroed memory of at least so many bytes, 16-byte aligned; 0 if the host's limit is reached.
  synchronized long take(int size) {
    int order = order(size);
    Deque<Long> pieces = free.get(order);
    if (closed || (pieces.isEmpty() && !grow(order, pieces))) {
      return 0;
    }
    used++;
    long address = pieces.removeLast();
    Memory.fill(address, 1L << order, (byte) 0);
    return address;
  }

  /// Takes memory back that [#take] gave for this size. Nobody may look at it any more.
  synchronized void give(long address, int size) {
    int order = order(size);
    if (budget.poisons()) {
      Memory.fill(address, 1L << order, Block.POISON);
    }
    // Behind all others, so that a stale address is found out rather than good again at once.
    free.get(order).addFirst(address);
    used--;
    freeIfDone();
  }

  /// Gives out nothing any more, and frees everything as soon as nothing is used.
  synchronized void close() {
    closed = true;
    freeIfDone();
  }

  private void freeIfDone() {
    if (closed && used == 0) {
      blocks.forEach(Block::free);
      blocks.clear();
    }
  }

  private boolean grow(int order, Deque<Long> pieces) {
    long piece = 1L << order;
    Optional<Block> block = budget.allocate(Math.max(SLAB, piece), 64);
    if (block.isEmpty()) {
      return false;
    }
    blocks.add(block.get());
    for (long at = 0; at + piece <= block.get().size(); at += piece) {
      pieces.addFirst(block.get().address() + at);
    }
    return true;
  }

  private static int order(int size) {
    return Math.max(SMALLEST, Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(size, 1) - 1));
  }
}
