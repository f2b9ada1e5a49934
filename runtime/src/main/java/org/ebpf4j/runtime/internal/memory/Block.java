package org.ebpf4j.runtime.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// A stretch of off-heap memory that is freed as a whole.
public final class Block {
  /// What freed memory is filled with where a host poisons it.
  public static final byte POISON = (byte) 0xdd;

  private final Budget budget;
  private final Arena arena;
  private final MemorySegment segment;

  Block(Budget budget, long size, long alignment) {
    this.budget = budget;
    this.arena = Arena.ofShared();
    MemorySegment allocated;
    try {
      allocated = arena.allocate(size, alignment);
    } catch (OutOfMemoryError exhausted) {
      arena.close();
      throw exhausted;
    }
    this.segment = allocated;
  }

  public long address() {
    return segment.address();
  }

  public long size() {
    return segment.byteSize();
  }

  /// The bytes as a segment that ends with the block: an access after [#free] throws.
  public MemorySegment segment() {
    return segment;
  }

  /// Frees it. Whoever calls this knows that nobody holds an address in it ([Epochs]).
  public void free() {
    budget.free(this);
  }

  void close() {
    budget.close(arena::close);
  }
}
