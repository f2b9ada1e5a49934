package org.ebpf4j.runtime.internal.map;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.memory.Region;
import org.ebpf4j.runtime.internal.memory.SharedMemory;
import org.ebpf4j.spec.MapSpec;
import org.jspecify.annotations.Nullable;

/// A map as programs see it: keys and values by address, errors as negative numbers. All methods
/// are called inside a run or under a reader's guard, so that nothing they return is freed
/// meanwhile.
///
/// As a [Region], it holds the values that programs may point at; an access must stay within one
/// value.
///
/// The methods that speak of users are the other side, that of bpf(2): they copy, and see all CPUs'
/// values at once.
public abstract class RuntimeMap extends Region implements FieldHolder {
  private final MapSpec spec;
  private final int id;
  private final MapSite site;
  private final AtomicInteger holders = new AtomicInteger(1);
  private final AtomicInteger users = new AtomicInteger(1);
  private volatile boolean frozen;

  protected RuntimeMap(MapSpec spec, MapSite site) {
    this.spec = spec;
    this.site = site;
    this.id = site.id();
  }

  /// Its attributes, sizes as made.
  public final MapSpec spec() {
    return spec;
  }

  /// Its number in the host, from 1.
  public final int id() {
    return id;
  }

  @Override
  public final SpecialFields fields() {
    return site.fields();
  }

  @Override
  public long offsetOf(long address) {
    return -1;
  }

  /// Whether helpers alone may change some of these bytes of a value.
  final boolean protects(long address, int size) {
    return !site.fields().isEmpty() && site.fields().protects(offsetOf(address), size);
  }

  /// The address of the key of an element, for maps whose values may hold timers; else 0.
  ///
  /// @param value where its value begins
  /// @param cpu of the run that wants it: arrays write it to memory of that CPU
  public long keyOf(long value, int cpu) {
    return 0;
  }

  /// The CPUs, memory and reclamation that it lives by.
  protected final MapSite site() {
    return site;
  }

  /// The memory of its host, to count what goes with its values.
  public final Budget budget() {
    return site.registry().budget();
  }

  @Override
  public String describe() {
    return "map " + spec.name();
  }

  // ---- what programs do

  /// The address of the value of this CPU, or 0. For maps of maps, the inner map's handle.
  ///
  /// @param key address of `keySize` bytes
  /// @see #inner
  public long lookup(long key, int cpu) {
    return 0;
  }

  /// Whether what [#lookup] gives is always a whole value of `valueSize` bytes, of ordinary memory
  /// that stays as long as the map: whatever of it is once [#readable] or [#writable] always is.
  public boolean givesValues() {
    return false;
  }

  /// Whether its values are maps.
  public final boolean holdsMaps() {
    return this instanceof MapOfMaps;
  }

  /// The map that a value of a map of maps stands for, while a run that found it goes on.
  ///
  /// @param found what [#lookup] gave, but 0
  /// @return nothing if this is no map of maps
  public final @Nullable RuntimeMap inner(long found) {
    return holdsMaps() ? site.registry().find(Handles.mapId(found)).orElse(null) : null;
  }

  /// The map that a lookup in a map of maps finds, `null` if there is none.
  public @Nullable RuntimeMap lookupInner(long key, int cpu) {
    long found = lookup(key, cpu);
    return found == 0 ? null : inner(found);
  }

  /// The types that those of its spec are of: its maker's.
  public final Btf types() {
    return site.types();
  }

  /// What all values of a map of maps look like; empty if it is none.
  public final Optional<InnerShape> innerShape() {
    return holdsMaps() ? site.inner() : Optional.empty();
  }

  /// Whether it is of the host whose maps these are.
  public final boolean belongsTo(MapRegistry maps) {
    return site.registry() == maps;
  }

  /// The address of the value of another CPU (`bpf_map_lookup_percpu_elem`), or 0.
  public long lookupPerCpu(long key, int cpu) {
    return 0;
  }

  /// Stores a value; 0 or a negated [Errno].
  ///
  /// @param flags `BPF_ANY`, `BPF_NOEXIST`, `BPF_EXIST`, `BPF_F_LOCK`
  public int update(long key, long value, long flags, int cpu) {
    return Errno.ENOTSUPP.negated();
  }

  /// Removes an element; 0 or a negated [Errno].
  public int delete(long key, int cpu) {
    return Errno.ENOTSUPP.negated();
  }

  /// Shows each element to the visitor (`bpf_for_each_map_elem`), which may change the map
  /// meanwhile.
  ///
  /// @return how many were shown, or a negated [Errno]
  public long forEach(int cpu, ElementVisitor visitor) {
    return Errno.EINVAL.negated();
  }

  // ---- what users do

  /// Bytes in a value as users see it: for per-CPU maps the whole row.
  public int userValueSize() {
    return spec.valueSize();
  }

  /// Copies a value out; 0 or a negated [Errno].
  ///
  /// @param to room for [#userValueSize] bytes
  /// @param flags `BPF_F_LOCK` or 0
  public int userLookup(long key, long to, long flags) {
    return Errno.ENOTSUPP.negated();
  }

  /// Stores a value; 0 or a negated [Errno].
  ///
  /// @param value [#userValueSize] bytes
  public int userUpdate(long key, long value, long flags) {
    return update(key, value, flags, 0);
  }

  /// Removes an element; 0 or a negated [Errno].
  public int userDelete(long key) {
    return delete(key, 0);
  }

  /// Copies a value out and removes the element; 0 or a negated [Errno].
  public int userTake(long key, long to, long flags) {
    return Errno.ENOTSUPP.negated();
  }

  /// Copies out the key after the given one; 0, or negated `ENOENT` after the last.
  ///
  /// @param key 0 for the first; a key that is not there counts as none
  public int nextKey(long key, long to) {
    return Errno.ENOTSUPP.negated();
  }

  /// In how many parts users can copy the map with [#scan]; 0 where keys must do ([#nextKey]).
  public int parts() {
    return 0;
  }

  /// The first part from this one on that may have elements, which another thread may change at any
  /// time; [#parts] if there is none.
  public int filledPart(int from) {
    return from;
  }

  /// Copies the elements of one part, such as a bucket, all at one moment.
  ///
  /// @param key room for one key
  /// @param value room for one value as users see it
  public void scan(int part, long key, long value, RowSink sink) {
    throw new IllegalStateException(describe() + " has no parts");
  }

  // ---- rights

  /// Whether programs may load from values and look up.
  public final boolean programsRead() {
    return (spec.flags() & MapFlags.WRONLY_PROG) == 0;
  }

  /// Whether programs may store to values and update.
  public final boolean programsWrite() {
    return (spec.flags() & MapFlags.RDONLY_PROG) == 0;
  }

  /// Whether [#freeze] was called: users change nothing any more.
  public final boolean frozen() {
    return frozen;
  }

  /// Ends changes by users.
  public final void freeze() {
    frozen = true;
  }

  // ---- lifetime

  /// Takes a hold that a program or another map has; `false` if the map is already going away.
  public final boolean retain() {
    while (true) {
      int count = holders.get();
      if (count == 0) {
        return false;
      }
      if (holders.compareAndSet(count, count + 1)) {
        return true;
      }
    }
  }

  /// Gives a hold back. The last one lets the map go: its memory is freed when no run can see it.
  public final void release() {
    if (holders.decrementAndGet() == 0) {
      abandon();
      site.retire(this);
    }
  }

  /// Takes a hold for a user.
  public final boolean retainUser() {
    if (!retain()) {
      return false;
    }
    users.incrementAndGet();
    return true;
  }

  /// Gives a user's hold back.
  public final void releaseUser() {
    if (users.decrementAndGet() == 0) {
      userless();
    }
    release();
  }

  /// Whether a user holds the map.
  public final boolean hasUsers() {
    return users.get() > 0;
  }

  /// Called when the last user has gone; programs may go on.
  protected void userless() {}

  /// Called when nobody holds the map; runs under way may still use it. Gives up holds on others.
  protected void abandon() {}

  /// Frees its memory: nobody can see it any more.
  protected abstract void free();

  // ---- access to values

  @Override
  public long load(long address, int size) {
    return SharedMemory.load(address, size);
  }

  @Override
  public void store(long address, int size, long value) {
    SharedMemory.store(address, size, value);
  }
}
