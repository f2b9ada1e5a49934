package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;
import org.jspecify.annotations.Nullable;

/// `BPF_MAP_TYPE_ARRAY_OF_MAPS`. A program that looks an inner map up gets its handle, which stays
/// good until the run ends, even if the map is replaced and closed meanwhile.
///
/// Source: Linux 6.18's `kernel/bpf/arraymap.c` and `map_in_map.c`.
public final class ArrayOfMaps extends IndexedMap implements MapOfMaps {
  private final Slots<RuntimeMap> maps;
  private final InnerShape shape;

  ArrayOfMaps(MapSpec spec, MapSite site) {
    super(spec, site);
    this.maps = new Slots<>(site, spec.maxEntries());
    this.shape = site.inner().orElseThrow();
  }

  @Override
  public long lookup(long key, int cpu) {
    RuntimeMap inner = maps.get(index(key));
    return inner == null ? 0 : Handles.map(inner.id());
  }

  @Override
  public @Nullable RuntimeMap lookupInner(long key, int cpu) {
    return maps.get(index(key));
  }

  @Override
  public int update(long key, long value, long flags, int cpu) {
    return Errno.EINVAL.negated();
  }

  @Override
  public int putInner(long key, RuntimeMap inner, long scratch, long flags) {
    if (flags != MapFlags.ANY) {
      return Errno.EINVAL.negated();
    }
    int index = index(key);
    if (index < 0) {
      return Errno.E2BIG.negated();
    }
    if (!shape.fits(inner) || !inner.retain()) {
      return Errno.EINVAL.negated();
    }
    release(maps.replace(index, inner));
    return 0;
  }

  private static void release(@Nullable RuntimeMap inner) {
    if (inner != null) {
      inner.release();
    }
  }

  @Override
  public int delete(long key, int cpu) {
    int index = index(key);
    if (index < 0) {
      return Errno.E2BIG.negated();
    }
    RuntimeMap old = maps.replace(index, null);
    release(old);
    return old == null ? Errno.ENOENT.negated() : 0;
  }

  /// Users read the inner map's number.
  @Override
  public int userLookup(long key, long to, long flags) {
    RuntimeMap inner = maps.get(index(key));
    if (inner == null) {
      return Errno.ENOENT.negated();
    }
    Memory.putInt(to, inner.id());
    return 0;
  }

  @Override
  long at(int index, int cpu) {
    return 0;
  }

  @Override
  protected void abandon() {
    for (int i = 0; i < maps.length(); i++) {
      release(maps.replace(i, null));
    }
  }

  @Override
  protected void free() {
    maps.free();
  }

  @Override
  public boolean readable(long address, int size) {
    return false;
  }

  @Override
  public boolean writable(long address, int size) {
    return false;
  }
}
