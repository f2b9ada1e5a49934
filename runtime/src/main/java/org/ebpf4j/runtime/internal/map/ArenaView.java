package org.ebpf4j.runtime.internal.map;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
      ByteBuffer to = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
      for (int done = 0; done < size; ) {
        int part = part(address + done, size - done);
        long value = arena.load((address + done) & LOWER_HALF, part);
        switch (part) {
          case 1 -> to.put((byte) value);
          case 2 -> to.putShort((short) value);
          case 4 -> to.putInt((int) value);
          default -> to.putLong(value);
        }
        done += part;
      }
    }
    return bytes;
  }

  @Override
  public void write(long address, byte[] bytes) {
    try (Guard _ = handle.enter("write", true)) {
      touch("write", address, bytes.length);
      ByteBuffer from = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
      for (int done = 0; done < bytes.length; ) {
        int part = part(address + done, bytes.length - done);
        long value =
            switch (part) {
              case 1 -> from.get();
              case 2 -> from.getShort();
              case 4 -> from.getInt();
              default -> from.getLong();
            };
        arena.store((address + done) & LOWER_HALF, part, value);
        done += part;
      }
    }
  }

  /// How many bytes are accessed at once, so that single numbers are seen whole.
  private static int part(long address, int left) {
    int part = Long.BYTES;
    while (part > left || (address & (part - 1)) != 0) {
      part >>= 1;
    }
    return part;
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
