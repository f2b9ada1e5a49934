package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_PERCPU_ARRAY`: an array for each CPU, so that no two CPUs write to one cache line.
/// Memory: header, scratch keys, one plane of values for each CPU.
///
/// Source: Linux 6.18's `kernel/bpf/arraymap.c`.
public final class PerCpuArrayMap extends IndexedMap {
  private final Block block;
  private final ValueCopier values;
  private final ScratchKeys keys;
  private final int cpus;
  private final int valueSize;
  private final int stride;
  private final long base;
  private final long plane;
  private final long used;

  PerCpuArrayMap(MapSpec spec, MapSite site) {
    super(spec, site);
    this.cpus = site.cpus();
    this.valueSize = spec.valueSize();
    this.stride = (valueSize + 7) & ~7;
    this.used = stride * Integer.toUnsignedLong(spec.maxEntries());
    this.plane = (used + 127) & ~127L;
    long offset = MapHeader.SIZE + ScratchKeys.bytes(cpus);
    this.block = site.allocate(offset + plane * cpus, 128);
    MapHeader.write(block.address(), spec, cpus);
    this.keys = new ScratchKeys(block.address() + MapHeader.SIZE, cpus);
    this.base = block.address() + offset;
    this.values = new ValueCopier(valueSize, site.fields());
  }

  /// Where the values lie.
  ArrayGeometry geometry() {
    return new ArrayGeometry(base, stride, plane, length(), valueSize);
  }

  @Override
  long at(int index, int cpu) {
    return base + cpu * plane + (long) index * stride;
  }

  @Override
  public boolean givesValues() {
    return true;
  }

  @Override
  public long lookup(long key, int cpu) {
    int index = index(key);
    return index < 0 ? 0 : at(index, cpu);
  }

  @Override
  public long lookupPerCpu(long key, int cpu) {
    return Integer.compareUnsigned(cpu, cpus) < 0 ? lookup(key, cpu) : 0;
  }

  @Override
  public int update(long key, long value, long flags, int cpu) {
    int index = index(key);
    int refusal = refuseUpdate(index, flags);
    if (refusal == 0 && (flags & MapFlags.LOCK) != 0) {
      refusal = Errno.EINVAL.negated();
    }
    if (refusal == 0) {
      values.copy(value, at(index, cpu));
      values.releaseFields(this, at(index, cpu));
    }
    return refusal;
  }

  @Override
  public int userValueSize() {
    return stride * cpus;
  }

  @Override
  public int userLookup(long key, long to, long flags) {
    int index = index(key);
    if (index < 0) {
      return Errno.ENOENT.negated();
    }
    PerCpuRows.copyOut(values, stride, cpus, cpu -> at(index, cpu), to);
    return 0;
  }

  @Override
  public int userUpdate(long key, long value, long flags) {
    int index = index(key);
    if (Long.compareUnsigned(flags, MapFlags.EXIST) > 0) {
      return Errno.EINVAL.negated();
    }
    int refusal = refuseUpdate(index, flags);
    if (refusal == 0) {
      for (int cpu = 0; cpu < cpus; cpu++) {
        values.copy(value + (long) cpu * stride, at(index, cpu));
        values.releaseFields(this, at(index, cpu));
      }
    }
    return refusal;
  }

  @Override
  public long forEach(int cpu, ElementVisitor visitor) {
    return keys.forEach(cpu, this, visitor);
  }

  @Override
  public boolean readable(long address, int size) {
    return programsRead() && (inside(address, size) || keys.contains(address, size));
  }

  @Override
  public boolean writable(long address, int size) {
    return programsWrite() && inside(address, size) && !protects(address, size);
  }

  @Override
  public long offsetOf(long address) {
    return inside(address, 1) ? (address - base) % plane % stride : -1;
  }

  private boolean inside(long address, int size) {
    long distance = address - base;
    if (Long.compareUnsigned(distance, plane * cpus) >= 0) {
      return false;
    }
    long inPlane = distance % plane;
    return inPlane < used && inPlane % stride + size <= valueSize;
  }

  @Override
  protected void abandon() {
    if (values.hasFields()) {
      for (int cpu = 0; cpu < cpus; cpu++) {
        for (int i = 0; i < length(); i++) {
          values.releaseFields(this, at(i, cpu));
        }
      }
    }
  }

  @Override
  protected void free() {
    block.free();
  }
}
