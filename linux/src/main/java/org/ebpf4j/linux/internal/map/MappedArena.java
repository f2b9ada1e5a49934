package org.ebpf4j.linux.internal.map;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.ebpf4j.ArenaMemory;
import org.ebpf4j.MapException;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.sys.Mapping;
import org.ebpf4j.sys.SystemCallException;

/// An arena of the kernel's, mapped into this process: what is read and written is the memory
/// itself.
///
/// @param name the map's
/// @param mapping where it is
/// @param size bytes in all
/// @param guarded whether touching a page that is not there ends the process
///   (`BPF_F_SEGV_ON_FAULT`), so that Linux has to make the copies; otherwise it makes the page
record MappedArena(String name, Mapping mapping, long size, boolean guarded)
    implements ArenaMemory {
  @Override
  public long address() {
    return mapping.memory().address();
  }

  @Override
  public byte[] read(long address, int size) {
    long offset = offset("read", address, size);
    if (!guarded) {
      return mapping.memory().asSlice(offset, size).toArray(ValueLayout.JAVA_BYTE);
    }
    try {
      return mapping.read(offset, size);
    } catch (SystemCallException e) {
      throw missing("read", address, size, e);
    }
  }

  @Override
  public void write(long address, byte[] bytes) {
    long offset = offset("write", address, bytes.length);
    if (!guarded) {
      MemorySegment place = mapping.memory().asSlice(offset, bytes.length);
      MemorySegment.copy(bytes, 0, place, ValueLayout.JAVA_BYTE, 0, bytes.length);
      return;
    }
    try {
      mapping.write(offset, bytes);
    } catch (SystemCallException e) {
      throw missing("write", address, bytes.length, e);
    }
  }

  private long offset(String operation, long address, int bytes) {
    long offset = address - address();
    if (offset < 0 || bytes < 0 || offset > size - bytes) {
      throw new MapException(
          name,
          operation,
          Errno.EFAULT,
          "%d bytes at 0x%x: the arena is from 0x%x to 0x%x"
              .formatted(bytes, address, address(), address() + size));
    }
    return offset;
  }

  private MapException missing(String operation, long address, int bytes, SystemCallException e) {
    Errno errno = Errors.of(e);
    return new MapException(
        name,
        operation,
        errno,
        errno == Errno.EFAULT
            ? "%d bytes at 0x%x: not all pages are there, and BPF_F_SEGV_ON_FAULT has none made"
                .formatted(bytes, address)
            : errno.text());
  }
}
