package org.ebpf4j.runtime.internal.map;

import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.ebpf4j.runtime.internal.memory.Backoff;
import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.memory.SpinLocks;

/// The elements of a hash or trie, known by index. Their memory comes in chunks, each as large as
/// all before it together, and stays until the pool is freed: an address in it is always good.
///
/// A chunk holds its elements side by side and then, for per-CPU maps, one plane of values for each
/// CPU:
///
///     | element 0 | element 1 | … | values of CPU 0 | values of CPU 1 | …
///
/// Freed elements are used again either at once ([#give]), as Linux's preallocated maps do it, or
/// after all readers of that moment have ended ([#retire]).
final class ElementPool {
  /// Where the pool keeps its own link in elements that are free, an index; those in use have their
  /// own index there.
  static final int LINK = 8;

  static final int NONE = -1;

  /// As `shift`: one chunk holds everything.
  private static final int WHOLE = 31;

  private static final int CHUNKS = 31;
  private static final int RETIRED_BATCH = 256;

  /// How much memory may wait for readers before growing waits for it: a barrier costs more than
  /// what a few elements take.
  private static final long RETIRED_BYTES = 1 << 20;

  private static final long PLANE_ALIGNMENT = 128;

  /// How many fresh elements a CPU gets at once: two CPUs that change elements side by side would
  /// take the cache line between them from each other.
  private static final int DEAL = 16;

  private final MapSite site;
  private final long stride;
  private final Stride strides;
  private final int planeStride;
  private final int planes;
  private final int shift;
  private final long onlyBase;
  private final int limit;
  private final Block[] blocks = new Block[CHUNKS];
  private final long[] bases = new long[CHUNKS];
  private final AtomicInteger fresh = new AtomicInteger();

  /// How many are about to put fresh elements on the free list.
  private final AtomicInteger dealing = new AtomicInteger();

  private final ReentrantLock growing = new ReentrantLock();
  private final FreeList free;
  private volatile int capacity;
  private volatile int chunks;

  /// By CPU, so that CPUs do not meet: what is freed and not handed to the epochs yet.
  private final Retirement[] retirements;

  private final SpinLocks retiring;
  private final LongAdder retired = new LongAdder();

  /// Who wants to know of retired elements that nobody can see any more.
  private Optional<EvictedElements.Evicted> owner = Optional.empty();

  /// @param stride bytes in an element, a multiple of 8
  /// @param planeStride bytes in a value of one CPU, a multiple of 8, or 0
  /// @param first how many elements to make room for at once
  /// @param limit how many elements there may ever be
  ElementPool(MapSite site, int stride, int planeStride, int first, int limit) {
    this.site = site;
    this.stride = stride;
    this.strides = new Stride(stride);
    this.planeStride = planeStride;
    this.planes = planeStride == 0 ? 0 : site.cpus();
    this.limit = limit;
    this.shift = first >= limit ? WHOLE : 31 - Integer.numberOfLeadingZeros(Math.max(first, 1));
    this.free = new FreeList(this, site.cpus());
    this.retiring = new SpinLocks(site.cpus());
    this.retirements = new Retirement[site.cpus()];
    Arrays.setAll(retirements, cpu -> new Retirement(this));
    int elements = shift == WHOLE ? limit : 1 << shift;
    addChunk(elements, site.allocate(chunkBytes(elements), PLANE_ALIGNMENT));
    this.onlyBase = bases[0];
  }

  /// The address of the first element, if one chunk holds all; else 0.
  long onlyBase() {
    return shift == WHOLE ? onlyBase : 0;
  }

  /// Where the values of CPUs lie.
  ValuePlanes valuePlanes() {
    boolean whole = planes != 0 && shift == WHOLE;
    return new ValuePlanes(
        this, whole ? planeStart(0, limit) : 0, whole ? planeBytes(limit) : 0, planeStride);
  }

  /// Bytes from an element of a chunk to the next.
  long stride() {
    return stride;
  }

  /// The address of an element.
  long element(int index) {
    return shift == WHOLE ? onlyBase + index * stride : inChunks(index);
  }

  private long inChunks(int index) {
    int chunk = chunk(index);
    return bases[chunk] + (index - first(chunk)) * stride;
  }

  /// The address of an element's value of one CPU.
  long plane(int index, int cpu) {
    int chunk = shift == WHOLE ? 0 : chunk(index);
    int elements = elements(chunk);
    return planeStart(chunk, elements)
        + cpu * planeBytes(elements)
        + (long) (index - first(chunk)) * planeStride;
  }

  /// An element that nobody uses, or [#NONE] when all are in use and there is no room for more.
  int take(int stripe) {
    int index = free.pop(stripe);
    if (index != NONE) {
      return index;
    }
    int tries = 0;
    while (true) {
      int next = fresh.get();
      int left = capacity - next;
      if (left > 0) {
        if (deal(next, Math.min(left, DEAL), stripe)) {
          return next;
        }
      } else if (next >= limit || !grow()) {
        // Asked before the look at the free list: what is dealt after it is not missed.
        boolean more = dealing.get() != 0;
        index = free.steal(stripe);
        if (index != NONE || !more) {
          return index;
        }
        tries = Backoff.pause(tries);
      }
    }
  }

  /// Takes fresh elements, the first for the caller; `false` if another was faster.
  private boolean deal(int first, int count, int stripe) {
    dealing.incrementAndGet();
    boolean dealt = fresh.compareAndSet(first, first + count);
    if (dealt) {
      for (int index = first + count - 1; index > first; index--) {
        free.push(index, stripe);
      }
      Memory.putIntOpaque(element(first) + LINK, first);
    }
    dealing.decrementAndGet();
    return dealt;
  }

  /// Gives an element back for use at once.
  void give(int index, int stripe) {
    free.push(index, stripe);
  }

  /// Gives an element back for use when nobody can see it any more.
  void retire(int index, int stripe) {
    retired.increment();
    int at = Integer.remainderUnsigned(stripe, retirements.length);
    Retirement full = null;
    retiring.lock(at);
    if (retirements[at].add(index)) {
      full = retirements[at];
      retirements[at] = new Retirement(this);
    }
    retiring.unlock(at);
    if (full != null) {
      site.epochs().retire(full, RETIRED_BATCH * elementBytes());
    }
  }

  /// Where in its element an address of a chunk's elements lies, or -1.
  long offsetInElement(long address) {
    int count = chunks;
    for (int i = 0; i < count; i++) {
      long distance = address - bases[i];
      if (Long.compareUnsigned(distance, elements(i) * stride) < 0) {
        return strides.remainder(distance);
      }
    }
    return -1;
  }

  /// Where in its value an address of a chunk's planes lies, or -1.
  long offsetInPlane(long address) {
    int count = chunks;
    for (int i = 0; i < count; i++) {
      int elements = elements(i);
      long distance = address - planeStart(i, elements);
      if (Long.compareUnsigned(distance, planes * planeBytes(elements)) < 0) {
        return distance % planeBytes(elements) % planeStride;
      }
    }
    return -1;
  }

  /// Has someone told of each retired element once nobody can see it any more, before it is used
  /// again.
  void tell(EvictedElements.Evicted newOwner) {
    owner = Optional.of(newOwner);
  }

  /// Tells of the retired elements that were not handed to the epochs yet. Nobody may use the pool
  /// meanwhile.
  void tellRest() {
    for (Retirement rest : retirements) {
      rest.reclaim();
    }
  }

  /// Shows all elements that were ever in use. Nobody may use the pool meanwhile.
  void forEachUsed(EvictedElements.Evicted visitor) {
    int count = Math.min(fresh.get(), capacity);
    for (int index = 0; index < count; index++) {
      visitor.evicted(index);
    }
  }

  void free() {
    for (int i = 0; i < chunks; i++) {
      blocks[i].free();
    }
  }

  /// Makes room for more elements; `false` if the free list is all there is now.
  private boolean grow() {
    growing.lock();
    try {
      if (fresh.get() < capacity) {
        return true;
      }
      long resting = retired.sum() * elementBytes();
      if (resting > Math.max(RETIRED_BYTES, capacity * elementBytes() / 4) && reclaim()) {
        return false;
      }
      if (addChunk()) {
        return true;
      }
      reclaim();
      return false;
    } finally {
      growing.unlock();
    }
  }

  private long elementBytes() {
    return stride + (long) planes * planeStride;
  }

  private boolean addChunk() {
    if (chunks == CHUNKS - shift) {
      return false;
    }
    int elements = elements(chunks);
    Optional<Block> block = site.tryAllocate(chunkBytes(elements), PLANE_ALIGNMENT);
    block.ifPresent(memory -> addChunk(elements, memory));
    return block.isPresent();
  }

  /// Makes free what no reader can see any more; whether anything is free then.
  private boolean reclaim() {
    flushRetired();
    site.epochs().reclaim();
    return !free.isEmpty();
  }

  private void flushRetired() {
    for (int at = 0; at < retirements.length; at++) {
      Retirement partial = null;
      retiring.lock(at);
      if (!retirements[at].isEmpty()) {
        partial = retirements[at];
        retirements[at] = new Retirement(this);
      }
      retiring.unlock(at);
      if (partial != null) {
        site.epochs().retire(partial, RETIRED_BATCH * elementBytes());
      }
    }
  }

  private void addChunk(int elements, Block block) {
    int at = chunks;
    int before = capacity;
    blocks[at] = block;
    bases[at] = block.address();
    chunks = at + 1;
    capacity = before + elements;
  }

  private int chunk(int index) {
    return 31 - Integer.numberOfLeadingZeros((index >>> shift) + 1);
  }

  private int first(int chunk) {
    return shift == WHOLE ? 0 : ((1 << chunk) - 1) << shift;
  }

  private int elements(int chunk) {
    return shift == WHOLE ? limit : 1 << (chunk + shift);
  }

  private long chunkBytes(int elements) {
    return planesOffset(elements) + planes * planeBytes(elements);
  }

  private long planesOffset(int elements) {
    return (elements * stride + PLANE_ALIGNMENT - 1) & -PLANE_ALIGNMENT;
  }

  private long planeStart(int chunk, int elements) {
    return bases[chunk] + planesOffset(elements);
  }

  private long planeBytes(int elements) {
    return ((long) elements * planeStride + PLANE_ALIGNMENT - 1) & -PLANE_ALIGNMENT;
  }

  private void gone(int index) {
    if (owner.isPresent()) {
      owner.get().evicted(index);
    }
    poison(index);
  }

  /// Fills what no reader can see any more, where the host wants to notice those that do.
  private void poison(int index) {
    if (site.registry().budget().poisons()) {
      long element = element(index);
      Memory.fill(element + HashTable.KEY, stride - HashTable.KEY, Block.POISON);
      for (int cpu = 0; cpu < planes; cpu++) {
        Memory.fill(plane(index, cpu), planeStride, Block.POISON);
      }
    }
  }

  /// Some elements on their way to be used again.
  private static final class Retirement implements Epochs.Retired {
    private final ElementPool pool;
    private final int[] indices = new int[RETIRED_BATCH];
    private int count;

    Retirement(ElementPool pool) {
      this.pool = pool;
    }

    /// Whether it is full now.
    boolean add(int index) {
      indices[count++] = index;
      return count == indices.length;
    }

    boolean isEmpty() {
      return count == 0;
    }

    @Override
    public void reclaim() {
      pool.retired.add(-count);
      for (int i = 0; i < count; i++) {
        pool.gone(indices[i]);
        pool.free.push(indices[i], i);
      }
    }
  }
}
