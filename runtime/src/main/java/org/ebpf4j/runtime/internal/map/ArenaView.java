package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.ArenaMemory;
import org.ebpf4j.MapException;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Guard;

/// An arena as its users see it.
///
/// @param handle the user's hold on the arena, which each access needs
record ArenaView(ArenaMap arena, MapHandle handle) implements ArenaMemory {
  @Override
  public long address() {
    return arena.start();
  }

  @Override
  public long size() {
    return arena.size();
  }

  @Override
  public byte[] read(long address, int size) {
    byte[] bytes = new byte[size];
    try (Guard _ = handle.enter("read", false)) {
      touch("read", address, size);
      for (int i = 0; i < size; i++) {
        bytes[i] = (byte) arena.load((address + i) & LOWER_HALF, 1);
      }
    }
    return bytes;
  }

  @Override
  public void write(long address, byte[] bytes) {
    try (Guard _ = handle.enter("write", true)) {
      touch("write", address, bytes.length);
      for (int i = 0; i < bytes.length; i++) {
        arena.store((address + i) & LOWER_HALF, 1, bytes[i]);
      }
    }
  }

  private static final long LOWER_HALF = 0xffff_ffffL;

  private void touch(String operation, long address, int size) {
    int result = arena.touch(address, size);
    if (result != 0) {
      Errno errno = Errno.of(-result).orElseThrow();
      throw new MapException(
          arena.spec().name(),
          operation,
          errno,
          errno == Errno.EFAULT
              ? "%d bytes at 0x%x: the arena is from 0x%x to 0x%x, and pages that are not there can"
                      .formatted(size, address, arena.start(), arena.start() + arena.size())
                  + " be touched only without BPF_F_SEGV_ON_FAULT"
              : errno.text());
    }
  }
}
