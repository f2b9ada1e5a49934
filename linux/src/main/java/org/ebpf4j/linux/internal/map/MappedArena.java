package org.ebpf4j.linux.internal.map;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.ebpf4j.ArenaMemory;
import org.ebpf4j.MapException;
import org.ebpf4j.error.Errno;

/// An arena of the kernel's, mapped into this process: what is read and written is the memory
/// itself, and the kernel makes pages as they are touched.
record MappedArena(String name, MemorySegment memory) implements ArenaMemory {
  @Override
  public long address() {
    return memory.address();
  }

  @Override
  public long size() {
    return memory.byteSize();
  }

  @Override
  public byte[] read(long address, int size) {
    return at("read", address, size).toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public void write(long address, byte[] bytes) {
    MemorySegment.copy(
        bytes, 0, at("write", address, bytes.length), ValueLayout.JAVA_BYTE, 0, bytes.length);
  }

  private MemorySegment at(String operation, long address, int size) {
    long offset = address - address();
    if (offset < 0 || size < 0 || offset > size() - size) {
      throw new MapException(
          name,
          operation,
          Errno.EFAULT,
          "%d bytes at 0x%x: the arena is from 0x%x to 0x%x"
              .formatted(size, address, address(), address() + size()));
    }
    return memory.asSlice(offset, size);
  }
}
