package org.ebpf4j.verifier.internal.state;

import java.util.Arrays;

/// The way from one checkpoint to the next, so far as the instructions do not follow on each other,
/// with what backtracking needs to know of some of them.
public final class History {
  private static final int[] NO_INTS = {};
  private static final long[] NO_LONGS = {};

  private int[] at = NO_INTS;
  private int[] before = NO_INTS;
  private int[] notes = NO_INTS;
  private long[] linked = NO_LONGS;
  private int size;

  public History copy() {
    History copy = new History();
    if (size > 0) {
      copy.at = Arrays.copyOf(at, size);
      copy.before = Arrays.copyOf(before, size);
      copy.notes = Arrays.copyOf(notes, size);
      copy.linked = Arrays.copyOf(linked, size);
      copy.size = size;
    }
    return copy;
  }

  public void clear() {
    size = 0;
  }

  public int size() {
    return size;
  }

  /// Appends: instruction `slot` came after `previous`.
  public void add(int slot, int previous, int note, long links) {
    if (size == at.length) {
      int capacity = Math.max(8, size * 2);
      at = Arrays.copyOf(at, capacity);
      before = Arrays.copyOf(before, capacity);
      notes = Arrays.copyOf(notes, capacity);
      linked = Arrays.copyOf(linked, capacity);
    }
    at[size] = slot;
    before[size] = previous;
    notes[size] = note;
    linked[size] = links;
    size++;
  }

  /// Takes the last entry away.
  public void removeLast() {
    size--;
  }

  /// Adds to the last entry.
  public void amendLast(int note, long links) {
    notes[size - 1] |= note;
    if (links != 0) {
      linked[size - 1] = links;
    }
  }

  public int slot(int entry) {
    return at[entry];
  }

  public int previous(int entry) {
    return before[entry];
  }

  public int note(int entry) {
    return notes[entry];
  }

  public long links(int entry) {
    return linked[entry];
  }
}
