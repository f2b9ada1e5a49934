package org.ebpf4j.runtime.internal.context;

import java.util.Arrays;

/// What an iterator's program writes (`struct seq_file`): text that is cut off nowhere. What does
/// not fit is not taken, nor anything after it until [#truncate].
///
/// Source: `seq_write` in Linux 6.18's `fs/seq_file.c`, `bpf_seq_read` in `kernel/bpf/bpf_iter.c`.
public final class SequenceText {
  /// Room, of which the last byte stays free.
  public static final int CAPACITY = 32768;

  private final byte[] bytes = new byte[CAPACITY];
  private int length;
  private boolean overflowed;

  /// Appends some bytes; `false` if there is no room for them.
  public boolean append(byte[] more) {
    if (overflowed || length + more.length >= CAPACITY) {
      overflowed = true;
      return false;
    }
    System.arraycopy(more, 0, bytes, length, more.length);
    length += more.length;
    return true;
  }

  /// Whether something did not fit.
  public boolean overflowed() {
    return overflowed;
  }

  public int length() {
    return length;
  }

  /// Goes back to an earlier length.
  public void truncate(int earlier) {
    length = earlier;
    overflowed = false;
  }

  public byte[] toBytes() {
    return Arrays.copyOf(bytes, length);
  }
}
