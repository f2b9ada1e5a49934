package org.ebpf4j.runtime.internal.map;

import java.util.Optional;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;
import org.jspecify.annotations.Nullable;

/// What hashes of every kind share: the table, where elements come from, and all that does not
/// depend on where the values lie.
///
/// Source: Linux 6.18's `kernel/bpf/hashtab.c`.
abstract class HashedMap extends RuntimeMap {
  private static final int FIRST_ELEMENTS = 64;

  final ElementPool pool;
  final HashTable table;
  final ElementSource source;
  final ValueCopier values;
  final boolean lru;
  private final int keySize;
  private final boolean perCpu;
  private final boolean readable;
  private final boolean writable;
  private @Nullable HashCalls calls;

  /// @param valueSize bytes that a value takes, which for some maps is not what the spec says
  HashedMap(MapSpec spec, MapSite site, int valueSize, boolean perCpu) {
    super(spec, site);
    MapType type = spec.type().orElseThrow();
    this.lru = type == MapType.LRU_HASH || type == MapType.LRU_PERCPU_HASH;
    this.keySize = spec.keySize();
    this.perCpu = perCpu;
    int keyBytes = rounded(keySize);
    int stride = HashTable.KEY + keyBytes + (perCpu ? 0 : rounded(valueSize));
    boolean growing = (spec.flags() & MapFlags.NO_PREALLOC) != 0;
    int entries = spec.maxEntries();
    int spares = lru ? 0 : site.cpus() + 1;
    if (entries < 0 || entries > Integer.MAX_VALUE - spares) {
      throw new MapMemoryException(Integer.toUnsignedLong(entries) * stride);
    }
    this.pool =
        growing
            ? new ElementPool(
                site,
                stride,
                perCpu ? rounded(valueSize) : 0,
                Math.min(entries, FIRST_ELEMENTS),
                Integer.MAX_VALUE)
            : new ElementPool(
                site, stride, perCpu ? rounded(valueSize) : 0, entries + spares, entries + spares);
    this.table = newTable(spec, site);
    this.values = new ValueCopier(valueSize, site.fields());
    this.source =
        lru
            ? new EvictedElements(pool, table, entries, site.cpus(), this::dropped)
            : growing
                ? new GrowingElements(pool, entries)
                : new PreallocatedElements(pool, site.cpus());
    if (growing && values.hasFields()) {
      pool.tell(this::dropped);
    }
    this.readable = programsRead();
    this.writable = programsWrite();
  }

  private HashTable newTable(MapSpec spec, MapSite site) {
    try {
      return new HashTable(site, spec, pool);
    } catch (MapMemoryException memory) {
      pool.free();
      throw memory;
    }
  }

  static int rounded(int size) {
    return (size + 7) & ~7;
  }

  /// For code that has the map as a constant.
  final synchronized HashCalls calls() {
    HashCalls known = calls;
    if (known == null) {
      known = geometry().define();
      calls = known;
    }
    return known;
  }

  /// What does not change of the map.
  abstract HashGeometry geometry();

  /// @param valueOffset from an element to its value, if it lies there
  /// @param elements those that updates take, if they need not ask the map
  final HashGeometry geometry(int valueOffset, Optional<PreallocatedElements> elements) {
    return new HashGeometry(
        this,
        table,
        table.walk(),
        lru,
        pool.valuePlanes(),
        valueOffset,
        spec().valueSize(),
        elements);
  }

  /// Lets go of what an element's value holds, once it is out of its bucket.
  abstract void dropped(int index);

  /// The address of an element's value of one CPU.
  abstract long valueOf(int index, int cpu);

  /// Copies an element's value as users see it; 0 or a negated errno.
  abstract int copyOut(int index, long to, long flags);

  /// Copies a value into an element that was free.
  final void setUp(long from, long to) {
    if (source instanceof GrowingElements) {
      values.initialize(from, to);
    } else {
      values.copy(from, to);
    }
  }

  /// 0, or the errno that the flags ask for.
  static int checkExistence(boolean exists, long flags) {
    long wish = flags & ~MapFlags.LOCK;
    if (exists && wish == MapFlags.NOEXIST) {
      return Errno.EEXIST.negated();
    }
    return !exists && wish == MapFlags.EXIST ? Errno.ENOENT.negated() : 0;
  }

  /// Finds an element for a program, which counts as a use of it.
  ///
  /// @return its address, or 0
  final long findUsed(long key) {
    long element = table.search(key);
    if (lru && element != 0) {
      use(element);
    }
    return element;
  }

  static void use(long element) {
    long referenced = element + HashTable.REFERENCED;
    if (Memory.getIntOpaque(referenced) == 0) {
      Memory.putIntOpaque(referenced, 1);
    }
  }

  @Override
  public int delete(long key, int cpu) {
    int hash = table.hash(key);
    int index = ElementPool.NONE;
    long bucket = table.lock(hash, cpu);
    try {
      index = table.find(bucket, hash, key);
      if (index >= 0) {
        bucket = table.unlink(bucket, index);
      }
    } finally {
      table.unlock(hash, bucket, cpu);
    }
    if (index < 0) {
      return Errno.ENOENT.negated();
    }
    dropped(index);
    source.give(index, cpu);
    return 0;
  }

  @Override
  public int userUpdate(long key, long value, long flags) {
    return update(key, value, flags, SpareElements.NO_CPU);
  }

  @Override
  public int userDelete(long key) {
    return delete(key, SpareElements.NO_CPU);
  }

  @Override
  public int userLookup(long key, long to, long flags) {
    int hash = table.hash(key);
    // Under the lock the element cannot become another key's while it is copied.
    long bucket = table.lock(hash, SpareElements.NO_CPU);
    try {
      int index = table.find(bucket, hash, key);
      if (index < 0) {
        return Errno.ENOENT.negated();
      }
      return copyOut(index, to, flags);
    } finally {
      table.unlock(hash, bucket, SpareElements.NO_CPU);
    }
  }

  @Override
  public int userTake(long key, long to, long flags) {
    int hash = table.hash(key);
    int index = ElementPool.NONE;
    long bucket = table.lock(hash, SpareElements.NO_CPU);
    try {
      index = table.find(bucket, hash, key);
      if (index >= 0) {
        int result = copyOut(index, to, flags);
        if (result != 0) {
          return result;
        }
        bucket = table.unlink(bucket, index);
      }
    } finally {
      table.unlock(hash, bucket, SpareElements.NO_CPU);
    }
    if (index < 0) {
      return Errno.ENOENT.negated();
    }
    dropped(index);
    source.give(index, SpareElements.NO_CPU);
    return 0;
  }

  @Override
  public int nextKey(long key, long to) {
    return table.nextKey(key, to);
  }

  @Override
  public int parts() {
    return table.buckets();
  }

  /// Looks without a lock, which costs much more than an empty bucket.
  @Override
  public int filledPart(int from) {
    int part = from;
    while (part < table.buckets() && table.first(part) < 0) {
      part++;
    }
    return part;
  }

  @Override
  public void scan(int part, long key, long value, RowSink sink) {
    long bucket = table.lock(part, SpareElements.NO_CPU);
    try {
      for (int index = table.first(part); index >= 0; index = table.next(index)) {
        copyOut(index, value, 0);
        sink.row(table.keyOf(index), value);
      }
    } finally {
      table.unlock(part, bucket, SpareElements.NO_CPU);
    }
  }

  @Override
  public long forEach(int cpu, ElementVisitor visitor) {
    long shown = 0;
    for (int bucket = 0; bucket < table.buckets(); bucket++) {
      int index = table.first(bucket);
      while (index >= 0 && inBucket(index, bucket)) {
        // The visitor may delete the element it is shown.
        int next = table.next(index);
        shown++;
        if (!visitor.visit(table.keyOf(index), valueOf(index, cpu))) {
          return shown;
        }
        index = next;
      }
    }
    return shown;
  }

  private boolean inBucket(int index, int bucket) {
    return (table.hashOf(index) & (table.buckets() - 1)) == bucket;
  }

  @Override
  public boolean givesValues() {
    return true;
  }

  @Override
  public boolean readable(long address, int size) {
    if (!readable) {
      return false;
    }
    long offset = pool.offsetInElement(address);
    if (offset >= HashTable.KEY && offset + size <= HashTable.KEY + keySize) {
      return true;
    }
    return insideValue(address, size, offset);
  }

  @Override
  public boolean writable(long address, int size) {
    return writable
        && insideValue(address, size, pool.offsetInElement(address))
        && !protects(address, size);
  }

  @Override
  public long offsetOf(long address) {
    long offset = pool.offsetInElement(address);
    if (!insideValue(address, 1, offset)) {
      return -1;
    }
    return perCpu ? pool.offsetInPlane(address) : offset - HashTable.KEY - rounded(keySize);
  }

  private boolean insideValue(long address, int size, long offset) {
    int valueSize = spec().valueSize();
    if (perCpu) {
      long inValue = pool.offsetInPlane(address);
      return inValue >= 0 && inValue + size <= valueSize;
    }
    int start = HashTable.KEY + rounded(keySize);
    return offset >= start && offset + size <= start + valueSize;
  }

  @Override
  protected void userless() {
    if (values.hasTimers()) {
      site().registry().releaser().releaseTimers(this);
    }
  }

  @Override
  protected void abandon() {
    for (int bucket = 0; values.hasFields() && bucket < table.buckets(); bucket++) {
      for (int index = table.first(bucket); index >= 0; index = table.next(index)) {
        dropped(index);
      }
    }
  }

  @Override
  protected void free() {
    // What runs put into elements that were deleted before their eyes.
    if (values.hasFields() && source instanceof GrowingElements) {
      abandon();
      pool.tellRest();
    } else if (values.hasFields()) {
      pool.forEachUsed(this::dropped);
    }
    table.free();
    pool.free();
  }
}
