package org.ebpf4j.runtime.internal.map;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.ebpf4j.ArenaMemory;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.EventReader;
import org.ebpf4j.MapException;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Guard;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// A user's hold on a map: what bpf(2) does with a file descriptor. Every operation checks rights
/// as Linux's `kernel/bpf/syscall.c` does, in its order.
public final class MapHandle implements BpfMap {
  /// How long a caller waits for readers when there is no memory but what they may still see.
  static final Duration RECLAIM = Duration.ofMillis(10);

  private final RuntimeMap map;
  private final Consumer<MapHandle> onClose;
  private final AtomicBoolean closed = new AtomicBoolean();

  /// Takes over a user's hold that [MapRegistry#create] or [RuntimeMap#retainUser] gave.
  public MapHandle(RuntimeMap map) {
    this(map, handle -> {});
  }

  /// @param onClose is told when it is closed
  public MapHandle(RuntimeMap map, Consumer<MapHandle> onClose) {
    this.map = map;
    this.onClose = onClose;
  }

  /// The map that programs see.
  public RuntimeMap map() {
    return map;
  }

  @Override
  public MapSpec spec() {
    return map.spec();
  }

  @Override
  public int valueBytes() {
    return map.userValueSize();
  }

  @Override
  public Optional<byte[]> lookup(byte[] key, long flags) {
    try (Guard guard = enter("lookup", false)) {
      flags("lookup", flags);
      long at = key("lookup", guard, key, valueBytes());
      long value = guard.space(valueBytes());
      int result = map.userLookup(at, value, flags);
      return found("lookup", result) ? Optional.of(value(value)) : Optional.empty();
    }
  }

  @Override
  public void update(byte[] key, byte[] value, long flags) {
    try {
      updateOnce(key, value, flags);
    } catch (MapException refused) {
      if (refused.errno() != Errno.ENOMEM) {
        throw refused;
      }
      // What was deleted may rest because of readers, of which this call's guard was one.
      map.site().epochs().synchronize(RECLAIM);
      updateOnce(key, value, flags);
    }
  }

  private void updateOnce(byte[] key, byte[] value, long flags) {
    try (Guard guard = enter("update", true)) {
      put(guard, "update", key, value, flags, 0);
    }
  }

  private void put(Guard guard, String operation, byte[] key, byte[] value, long flags, int done) {
    lockFlag(operation, flags);
    long at = key(operation, guard, key, value.length);
    checkValue(operation, value);
    done(operation, map.userUpdate(at, guard.bytes(value), flags), done);
  }

  @Override
  public boolean delete(byte[] key) {
    try (Guard guard = enter("delete", true)) {
      long at = key("delete", guard, key, 0);
      return found("delete", map.userDelete(at));
    }
  }

  @Override
  public Optional<byte[]> lookupAndDelete(byte[] key) {
    readRight("lookupAndDelete");
    try (Guard guard = enter("lookupAndDelete", true)) {
      long at = key("lookupAndDelete", guard, key, valueBytes());
      long value = guard.space(valueBytes());
      int result = map.userTake(at, value, 0);
      return found("lookupAndDelete", result) ? Optional.of(value(value)) : Optional.empty();
    }
  }

  @Override
  public Optional<byte[]> nextKey(byte[] key) {
    return next(Optional.of(key));
  }

  @Override
  public Optional<byte[]> firstKey() {
    return next(Optional.empty());
  }

  private Optional<byte[]> next(Optional<byte[]> key) {
    int size = spec().keySize();
    try (Guard guard = enter("nextKey", false)) {
      guard.need(2L * size + 16);
      long at = 0;
      if (key.isPresent()) {
        checkKey("nextKey", key.get());
        at = guard.bytes(key.get());
      }
      long to = guard.space(size);
      return found("nextKey", map.nextKey(at, to))
          ? Optional.of(Memory.bytes(to, size))
          : Optional.empty();
    }
  }

  @Override
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    if (map.parts() > 0) {
      int parts = map.parts();
      for (int part = filled("entries", 0); part < parts; part = filled("entries", part + 1)) {
        entries.addAll(part("entries", part));
      }
      return entries;
    }
    for (Optional<byte[]> key = firstKey(); key.isPresent(); key = nextKey(key.get())) {
      byte[] found = key.get();
      lookup(found).ifPresent(value -> entries.add(new Entry(found, value)));
    }
    return entries;
  }

  /// The first part from this one on that has elements, as far as can be told; the number of parts
  /// if there is none.
  int filled(String operation, int from) {
    try (Guard _ = enter(operation, false)) {
      return map.filledPart(from);
    }
  }

  /// The elements of one part of the map.
  private List<Entry> part(String operation, int part) {
    List<Entry> rows = new ArrayList<>();
    try (Guard guard = enter(operation, false)) {
      guard.need(spec().keySize() + valueBytes() + 16L);
      map.scan(
          part,
          guard.space(spec().keySize()),
          guard.space(valueBytes()),
          (key, value) -> rows.add(new Entry(Memory.bytes(key, spec().keySize()), value(value))));
    }
    return rows;
  }

  @Override
  public Batch lookupBatch(Optional<byte[]> cursor, int max) {
    return Batches.lookup(this, cursor, max);
  }

  @Override
  public Batch lookupAndDeleteBatch(Optional<byte[]> cursor, int max) {
    return Batches.take(this, cursor, max);
  }

  /// As [#entries], for one part, of which a map may have none ([RuntimeMap#parts]).
  public List<Entry> entriesOf(int part) {
    return part("lookupBatch", part);
  }

  @Override
  public void updateBatch(List<Entry> entries, long flags) {
    if ((flags & ~LOCK) != 0) {
      throw failed("updateBatch", Errno.EINVAL, "batches take no flags but BPF_F_LOCK");
    }
    for (Entry entry : entries) {
      checkKey("updateBatch", entry.key());
      checkValue("updateBatch", entry.value());
    }
    try (Guard guard = enter("updateBatch", true)) {
      Batches.require(this, "updateBatch", Batches.Operation.UPDATE);
      int done = 0;
      for (Entry entry : entries) {
        put(guard, "updateBatch", entry.key(), entry.value(), flags, done);
        done++;
      }
    }
  }

  @Override
  public void deleteBatch(List<byte[]> keys) {
    keys.forEach(key -> checkKey("deleteBatch", key));
    try (Guard guard = enter("deleteBatch", true)) {
      Batches.require(this, "deleteBatch", Batches.Operation.DELETE);
      int done = 0;
      for (byte[] key : keys) {
        done("deleteBatch", map.userDelete(key("deleteBatch", guard, key, 0)), done);
        done++;
      }
    }
  }

  @Override
  public void freeze() {
    try (Guard _ = enter("freeze", false)) {
      if (!map.site().fields().isEmpty()) {
        throw failed("freeze", Errno.ENOTSUPP, "its values have special fields");
      }
      writeRight("freeze");
      map.freeze();
    }
  }

  @Override
  public void putMap(byte[] key, BpfMap inner) {
    if (!(map instanceof MapOfMaps outer)) {
      throw failed("putMap", Errno.EINVAL, "it is not a map of maps");
    }
    if (!(inner instanceof MapHandle handle)
        || handle.map.site().registry() != map.site().registry()) {
      throw failed("putMap", Errno.EBADF, "map " + inner.name() + " is not of this host");
    }
    try (Guard guard = enter("putMap", true);
        Guard _ = handle.enter("putMap", false)) {
      long at = key("putMap", guard, key, Long.BYTES);
      done("putMap", outer.putInner(at, handle.map, guard.space(Long.BYTES), ANY), 0);
    }
  }

  @Override
  public void putProgram(int index, BpfProgram program) {
    if (!(map instanceof ProgramArray array)) {
      throw failed("putProgram", Errno.EINVAL, "it is not a program array");
    }
    if (!(program instanceof TailCallTarget target) || !target.belongsTo(map.site().registry())) {
      throw failed("putProgram", Errno.EBADF, "program " + program.name() + " is not of this host");
    }
    try (Guard _ = enter("putProgram", true)) {
      done("putProgram", array.put(index, target), 0);
    }
  }

  @Override
  public EventReader events() {
    if (!(map instanceof EventSource source)) {
      throw failed("events", Errno.EINVAL, "it has no records to read");
    }
    try (Guard _ = enter("events", false)) {
      return source.openReader();
    }
  }

  @Override
  public boolean submit(byte[] record, Duration timeout) {
    if (!(map instanceof UserRingBuffer ring)) {
      throw failed("submit", Errno.EINVAL, "it is not a user ring buffer");
    }
    try (Guard _ = enter("submit", true)) {
      // A hold instead of the guard while it waits: guards are for moments.
      if (!map.retain()) {
        throw failed("submit", Errno.EBADF, "it is closed");
      }
    }
    try {
      int result = ring.submit(record, timeout, closed::get);
      if (result == Errno.ENOSPC.negated()) {
        return false;
      }
      done("submit", result, 0);
      return true;
    } finally {
      map.release();
    }
  }

  @Override
  public ArenaMemory arena() {
    if (!(map instanceof ArenaMap arena)) {
      throw failed("arena", Errno.EINVAL, "it is not an arena");
    }
    return new ArenaView(arena, this);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      onClose.accept(this);
      if (map instanceof UserRingBuffer ring) {
        ring.wakeSubmitter();
      }
      map.releaseUser();
      map.site().epochs().reclaim();
    }
  }

  @Override
  public String toString() {
    return map.describe();
  }

  // ---- checks

  /// Begins an operation. The guard keeps the map's memory alive even if another thread closes this
  /// handle meanwhile.
  Guard enter(String operation, boolean writes) {
    Guard guard = map.site().epochs().guard();
    try {
      if (closed.get()) {
        throw failed(operation, Errno.EBADF, "it is closed");
      }
      if (writes) {
        writeRight(operation);
      } else if (!"freeze".equals(operation)) {
        readRight(operation);
      }
      return guard;
    } catch (MapException refused) {
      guard.close();
      throw refused;
    }
  }

  private void readRight(String operation) {
    if ((spec().flags() & MapFlags.WRONLY) != 0) {
      throw failed(operation, Errno.EPERM, "it was made with BPF_F_WRONLY");
    }
  }

  private void writeRight(String operation) {
    if ((spec().flags() & MapFlags.RDONLY) != 0) {
      throw failed(operation, Errno.EPERM, "it was made with BPF_F_RDONLY");
    }
    if (map.frozen()) {
      throw failed(operation, Errno.EPERM, "it is frozen");
    }
  }

  private void flags(String operation, long flags) {
    if ((flags & ~LOCK) != 0) {
      throw failed(operation, Errno.EINVAL, "flags 0x%x are unknown".formatted(flags));
    }
    lockFlag(operation, flags);
  }

  private void lockFlag(String operation, long flags) {
    if ((flags & LOCK) != 0 && !map.site().fields().has(SpecialFields.Kind.SPIN_LOCK)) {
      throw failed(
          operation, Errno.EINVAL, "BPF_F_LOCK needs values that hold a struct bpf_spin_lock");
    }
  }

  /// Checks a key and copies it to where the map can read it, with room for more after it.
  private long key(String operation, Guard guard, byte[] key, long more) {
    checkKey(operation, key);
    guard.need(key.length + more + 16);
    return guard.bytes(key);
  }

  private void checkKey(String operation, byte[] key) {
    boolean asks = map instanceof BloomFilter && "lookup".equals(operation);
    int size = asks ? spec().valueSize() : spec().keySize();
    if (key.length != size) {
      throw failed(
          operation, Errno.EINVAL, "keys have %d bytes, not %d".formatted(size, key.length));
    }
  }

  private void checkValue(String operation, byte[] value) {
    if (value.length != valueBytes()) {
      throw failed(
          operation,
          Errno.EINVAL,
          "values have %d bytes, not %d".formatted(valueBytes(), value.length));
    }
  }

  private byte[] value(long address) {
    return Memory.bytes(address, valueBytes());
  }

  private boolean found(String operation, int result) {
    if (result == Errno.ENOENT.negated()) {
      return false;
    }
    done(operation, result, 0);
    return true;
  }

  private void done(String operation, int result, int before) {
    if (result != 0) {
      Errno errno = Errno.of(-result).orElseThrow();
      throw MapException.of(spec(), operation, errno, before);
    }
  }

  MapException failed(String operation, Errno errno, String reason) {
    return new MapException(spec().name(), operation, errno, reason);
  }
}
