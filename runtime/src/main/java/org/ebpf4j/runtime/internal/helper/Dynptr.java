package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.PacketBuffer;
import org.ebpf4j.runtime.internal.context.PacketContext;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;

/// `struct bpf_dynptr` as Linux lays it out on the program's stack:
///
///      0               8                          12              16
///     ┌───────────────┬──────────────────────────┬───────────────┐
///     │ data, or 0    │ read-only (bit 31), kind │ offset        │
///     │ for a packet  │ (28 to 30), size         │               │
///     └───────────────┴──────────────────────────┴───────────────┘
///
/// An unverified program can write what it likes there; so each use asks the run whether the bytes may be
/// touched.
///
/// Source: `struct bpf_dynptr_kern` and the functions around it in `kernel/bpf/helpers.c`.
final class Dynptr {
  static final int LOCAL = 1;
  static final int RING = 2;
  static final int SKB = 3;
  static final int XDP = 4;

  /// `DYNPTR_MAX_SIZE`.
  static final int MOST_BYTES = (1 << 24) - 1;

  /// `sizeof(struct bpf_dynptr)`.
  static final int BYTES = 16;

  private static final int SIZE = 8;
  private static final int OFFSET = 12;
  private static final int KIND_SHIFT = 28;
  private static final int READ_ONLY = 1 << 31;

  private Dynptr() {}

  static void init(long dynptr, int kind, long data, int size, boolean readOnly) {
    Memory.putLong(dynptr, data);
    Memory.putInt(dynptr + SIZE, size | kind << KIND_SHIFT | (readOnly ? READ_ONLY : 0));
    Memory.putInt(dynptr + OFFSET, 0);
  }

  static void clear(long dynptr) {
    Memory.putLong(dynptr, 0);
    Memory.putLong(dynptr + SIZE, 0);
  }

  static long data(long dynptr) {
    return Memory.getLong(dynptr);
  }

  static int kind(long dynptr) {
    return Memory.getInt(dynptr + SIZE) >>> KIND_SHIFT & 7;
  }

  static int size(long dynptr) {
    return Memory.getInt(dynptr + SIZE) & MOST_BYTES;
  }

  static boolean readOnly(long dynptr) {
    return Memory.getInt(dynptr + SIZE) < 0;
  }

  static boolean isNull(long dynptr) {
    return kind(dynptr) == 0;
  }

  static int offset(long dynptr) {
    return Memory.getInt(dynptr + OFFSET);
  }

  /// Moves the start forward and the end back, by bytes that are there.
  static void narrow(long dynptr, int start, int newSize) {
    int flags = Memory.getInt(dynptr + SIZE) & ~MOST_BYTES;
    Memory.putInt(dynptr + SIZE, flags | newSize);
    Memory.putInt(dynptr + OFFSET, offset(dynptr) + start);
  }

  /// Whether `length` bytes at `at` lie inside; 0 or a negated errno.
  static int check(long dynptr, long at, long length) {
    if (isNull(dynptr)) {
      return Errno.EINVAL.negated();
    }
    int size = size(dynptr);
    return Long.compareUnsigned(length, size) > 0 || Long.compareUnsigned(at, size - length) > 0
        ? Errno.E2BIG.negated()
        : 0;
  }

  /// The address of `length` bytes at `at`, or 0 if the run may not touch them so.
  static long address(Run run, long dynptr, long at, int length, boolean write) {
    int kind = kind(dynptr);
    if (kind == SKB || kind == XDP) {
      if (!(run.context() instanceof PacketContext context)) {
        return 0;
      }
      PacketBuffer packet = context.buffer();
      long offset = Integer.toUnsignedLong(offset(dynptr)) + at;
      return packet.contains(offset, length) ? packet.data() + offset : 0;
    }
    long address = data(dynptr) + Integer.toUnsignedLong(offset(dynptr)) + at;
    if (length == 0) {
      return address;
    }
    boolean allowed = write ? run.writable(address, length) : run.readable(address, length);
    return allowed ? address : 0;
  }
}
