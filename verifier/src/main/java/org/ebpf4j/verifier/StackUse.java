package org.ebpf4j.verifier;

import java.util.BitSet;

/// How a function uses its own frame of the stack. Offsets count from the frame pointer and are
/// negative: the frame's bytes are those at -512 to -1.
///
/// A byte that does not *escape* is touched by nothing but loads, stores and atomic operations of
/// the function itself whose address is, at that instruction, always the same one in its own frame.
/// Such bytes need no memory. A byte escapes where its address goes to a helper, a kernel function
/// or another function that touches it, and where an instruction reaches it at an offset that is
/// not constant.
public final class StackUse {
  /// Bytes of a frame.
  public static final int FRAME_BYTES = 512;

  private final int depth;
  private final BitSet escaped;
  private final BitSet changed;
  private final BitSet besidesLookups;

  /// @param escaped by index down from the frame pointer: the byte at -1 is 0
  /// @param changed as `escaped`, without what others only read
  /// @param besidesLookups as `escaped`, without what only the function's own lookups read
  StackUse(int depth, BitSet escaped, BitSet changed, BitSet besidesLookups) {
    this.depth = depth;
    this.escaped = (BitSet) escaped.clone();
    this.changed = (BitSet) changed.clone();
    this.besidesLookups = (BitSet) besidesLookups.clone();
  }

  /// Bytes that it uses at most, counted down from the frame pointer.
  public int depth() {
    return depth;
  }

  /// Whether any byte of a range escapes.
  ///
  /// @param offset of the first byte, -512 to -1
  /// @param size bytes, 1 or more, none of them at or beyond the frame pointer
  public boolean escapes(int offset, int size) {
    return any(escaped, offset, size);
  }

  /// Whether any byte of a range may be changed by something else than the function's own stores to
  /// it. Bytes that escape, but only to calls that read keys and values for a map, are not.
  ///
  /// @param offset of the first byte, -512 to -1
  /// @param size bytes, 1 or more, none of them at or beyond the frame pointer
  public boolean changes(int offset, int size) {
    return any(changed, offset, size);
  }

  /// Whether any byte of a range escapes to something else than the function's own calls of
  /// `bpf_map_lookup_elem`, as part of the key.
  ///
  /// @param offset of the first byte, -512 to -1
  /// @param size bytes, 1 or more, none of them at or beyond the frame pointer
  public boolean escapesBesidesLookups(int offset, int size) {
    return any(besidesLookups, offset, size);
  }

  private static boolean any(BitSet bytes, int offset, int size) {
    if (offset < -FRAME_BYTES || size < 1 || offset + size > 0) {
      throw new IndexOutOfBoundsException(
          "%d bytes at %d are not in a frame of %d bytes".formatted(size, offset, FRAME_BYTES));
    }
    int first = -offset - size;
    int next = bytes.nextSetBit(first);
    return next >= 0 && next < first + size;
  }

  /// Whether nothing escapes.
  public boolean isPrivate() {
    return escaped.isEmpty();
  }
}
