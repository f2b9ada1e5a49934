package org.ebpf4j.runtime.internal.map;

import java.lang.foreign.MemorySegment;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Block;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.spec.MapSpec;

/// `BPF_MAP_TYPE_ARRAY`: values side by side, each rounded up to 8 bytes, all there from the start.
/// Memory: header, one scratch key for each CPU, values.
///
/// Source: Linux 6.18's `kernel/bpf/arraymap.c`.
public final class ArrayMap extends IndexedMap {
  private final Block block;
  private final ValueCopier values;
  private final ScratchKeys keys;
  private final long base;
  private final long bytes;
  private final int valueSize;
  private final long stride;
  private final Stride strides;
  private final boolean readable;
  private final boolean writable;

  ArrayMap(MapSpec spec, MapSite site) {
    super(spec, site);
    this.valueSize = spec.valueSize();
    this.stride = (valueSize + 7L) & ~7L;
    this.strides = new Stride(stride);
    this.bytes = stride * Integer.toUnsignedLong(spec.maxEntries());
    long offset = MapHeader.SIZE + ScratchKeys.bytes(site.cpus());
    this.block = site.allocate(offset + bytes, 64);
    MapHeader.write(block.address(), spec, site.cpus());
    this.keys = new ScratchKeys(block.address() + MapHeader.SIZE, site.cpus());
    this.base = block.address() + offset;
    this.values = new ValueCopier(valueSize, site.fields());
    this.readable = programsRead();
    this.writable = programsWrite();
  }

  /// The address of the value at an index that is in range, as `ld_imm64` with a map value has it.
  public long address(int index) {
    return base + index * stride;
  }

  /// Where the values lie.
  ArrayGeometry geometry() {
    return new ArrayGeometry(base, stride, 0, length(), valueSize);
  }

  /// All values as one segment, which ends with the map.
  public MemorySegment values() {
    return block.segment().asSlice(base - block.address(), bytes);
  }

  @Override
  long at(int index, int cpu) {
    return base + index * stride;
  }

  @Override
  public boolean givesValues() {
    return true;
  }

  @Override
  public long lookup(long key, int cpu) {
    int index = index(key);
    return index < 0 ? 0 : base + index * stride;
  }

  @Override
  public int update(long key, long value, long flags, int cpu) {
    int index = index(key);
    int refusal = refuseUpdate(index, flags);
    if (refusal != 0) {
      return refusal;
    }
    long to = base + index * stride;
    if ((flags & MapFlags.LOCK) == 0) {
      values.copy(value, to);
    } else if (values.lockable()) {
      refusal = values.copyLocked(value, to, to);
      if (refusal != 0) {
        return refusal;
      }
    } else {
      return Errno.EINVAL.negated();
    }
    values.releaseFields(this, to);
    return 0;
  }

  @Override
  public int userLookup(long key, long to, long flags) {
    long value = lookup(key, 0);
    if (value == 0) {
      return Errno.ENOENT.negated();
    }
    return values.copyOut(value, to, (flags & MapFlags.LOCK) != 0);
  }

  @Override
  public long forEach(int cpu, ElementVisitor visitor) {
    return keys.forEach(cpu, this, visitor);
  }

  @Override
  public long offsetOf(long address) {
    return inside(address, 1) ? (address - base) % stride : -1;
  }

  @Override
  public long keyOf(long value, int cpu) {
    return keys.show(cpu, (int) ((value - base) / stride));
  }

  @Override
  public boolean readable(long address, int size) {
    return readable && (inside(address, size) || keys.contains(address, size));
  }

  @Override
  public boolean writable(long address, int size) {
    return writable && inside(address, size) && !protects(address, size);
  }

  private boolean inside(long address, int size) {
    long distance = address - base;
    return Long.compareUnsigned(distance, bytes) < 0
        && strides.remainder(distance) + size <= valueSize;
  }

  @Override
  protected void userless() {
    if (values.hasTimers()) {
      site().registry().releaser().releaseTimers(this);
    }
  }

  @Override
  protected void abandon() {
    for (int i = 0; values.hasFields() && i < length(); i++) {
      values.releaseFields(this, base + i * stride);
    }
  }

  @Override
  protected void free() {
    abandon(); // what runs put in after the first time
    block.free();
  }

  /// The bytes of all values, rounding included.
  long bytes() {
    return bytes;
  }

  /// Where the values begin.
  long base() {
    return base;
  }

  /// Copies initial contents in.
  public void fill(byte[] contents) {
    Memory.copy(contents, 0, base, (int) Math.min(contents.length, bytes));
  }
}
