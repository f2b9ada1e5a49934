package org.ebpf4j.runtime.internal.map;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.Epochs;

/// The pages of an arena: a table of their addresses, which runs read without a lock, and what it
/// takes to fill it. A page that is freed rests until no run can be in it.
final class ArenaPages {
  static final int PAGE = 4096;

  /// `PAGE` is 2 to the power of this.
  static final int PAGE_BITS = 12;

  private static final VarHandle ADDRESS = MethodHandles.arrayElementVarHandle(long[].class);

  private final MapSite site;

  /// By page: its address, or 0 where there is none.
  private final long[] addresses;

  // Under this object's lock:
  private final FreePages free;
  private final Map<Integer, Block> blocks = new HashMap<>();

  /// @throws MapMemoryException when the host's budget does not have the table
  ArenaPages(MapSite site, int count) {
    this.site = site;
    if (!site.registry().budget().charge(tableBytes(count))) {
      throw new MapMemoryException(tableBytes(count));
    }
    this.addresses = new long[count];
    this.free = new FreePages(count);
  }

  private static long tableBytes(int count) {
    return (long) count * Long.BYTES;
  }

  int count() {
    return addresses.length;
  }

  /// The table.
  long[] addresses() {
    return addresses;
  }

  /// Where a page is now, or 0 if it is not there.
  ///
  /// @param page a number that is not negative
  static long address(long[] addresses, int page) {
    return page < addresses.length ? (long) ADDRESS.getOpaque(addresses, page) : 0;
  }

  long address(int page) {
    return address(addresses, page);
  }

  /// Makes pages that follow each other, wherever there is room, and gives the number of the first,
  /// or [FreePages#NONE].
  synchronized int allocate(int count) {
    int first = free.take(count);
    return first != FreePages.NONE && !fill(first, count) ? FreePages.NONE : first;
  }

  /// Makes these very pages; `false` if one of them is taken or memory is short.
  synchronized boolean allocateAt(int first, int count) {
    if (!free.has(first, count)) {
      return false;
    }
    free.remove(first, count);
    return fill(first, count);
  }

  /// Keeps [#allocate] from handing out these pages; `false` if one of them is taken.
  synchronized boolean reserve(int first, int count) {
    if (!free.has(first, count)) {
      return false;
    }
    free.remove(first, count);
    return true;
  }

  /// Makes a page if it is not there, also where it was reserved; `false` if memory is short.
  synchronized boolean touch(int page) {
    if (address(page) != 0) {
      return true;
    }
    free.remove(page, 1);
    return fill(page, 1);
  }

  /// Frees pages, as far as they are there.
  synchronized void free(int first, int count) {
    free.give(first, count);
    List<Block> freed = new ArrayList<>();
    for (int page = first; page < first + count; page++) {
      Block block = blocks.remove(page);
      if (block != null) {
        ADDRESS.setVolatile(addresses, page, 0L);
        freed.add(block);
      }
    }
    if (!freed.isEmpty()) {
      site.epochs().retire(new Freed(freed), (long) freed.size() * PAGE);
    }
  }

  private record Freed(List<Block> blocks) implements Epochs.Retired {
    @Override
    public void reclaim() {
      for (Block block : blocks) {
        block.free();
      }
    }
  }

  /// Zeroed memory for pages that are not free any more; they are again if there is too little.
  private boolean fill(int first, int count) {
    for (int page = first; page < first + count; page++) {
      Optional<Block> block = site.tryAllocate(PAGE, Long.BYTES);
      if (block.isEmpty()) {
        free(first, count);
        return false;
      }
      blocks.put(page, block.get());
      ADDRESS.setVolatile(addresses, page, block.get().address());
    }
    return true;
  }

  /// Frees everything: nobody can see it any more.
  synchronized void close() {
    for (Block block : blocks.values()) {
      block.free();
    }
    blocks.clear();
    site.registry().budget().discharge(tableBytes(addresses.length));
  }
}
