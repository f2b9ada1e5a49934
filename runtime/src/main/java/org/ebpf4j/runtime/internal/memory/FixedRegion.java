package org.ebpf4j.runtime.internal.memory;

import java.lang.foreign.MemorySegment;

/// A region that stays where it is, of bytes that all may be read, and written all or none.
public abstract class FixedRegion extends Region {
  private final long address;
  private final long length;
  private final boolean writes;

  protected FixedRegion(long address, long length, boolean writes) {
    this.address = address;
    this.length = length;
    this.writes = writes;
  }

  /// A region of memory that somebody else keeps alive.
  ///
  /// @param name what [#describe()] gives
  public static FixedRegion of(String name, MemorySegment memory, boolean writes) {
    return new Named(name, memory, writes);
  }

  /// Where it begins.
  public final long address() {
    return address;
  }

  /// In bytes.
  public final long length() {
    return length;
  }

  @Override
  public final boolean readable(long from, int size) {
    return from >= address && from <= address + length - size;
  }

  @Override
  public final boolean writable(long from, int size) {
    return writes && readable(from, size);
  }

  private static final class Named extends FixedRegion {
    private final String name;

    Named(String name, MemorySegment memory, boolean writes) {
      super(memory.address(), memory.byteSize(), writes);
      this.name = name;
    }

    @Override
    public String describe() {
      return name;
    }
  }
}
