package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Region;
import org.ebpf4j.spec.MapSpec;

/// A map as programs see it: keys and values by address, errors as negative numbers. All methods
/// are called inside a run or under a reader's guard, so that nothing they return is freed
/// meanwhile.
///
/// As a [Region], it holds the values that programs may point at; an access must stay within one
/// value.
public abstract class RuntimeMap extends Region {
  private final MapSpec spec;
  private final int id;

  protected RuntimeMap(MapSpec spec, int id) {
    this.spec = spec;
    this.id = id;
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
  public String describe() {
    return "map " + spec.name();
  }

  /// The address of the value of this CPU, or 0.
  ///
  /// @param key address of `keySize` bytes
  public long lookup(long key, int cpu) {
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
}
