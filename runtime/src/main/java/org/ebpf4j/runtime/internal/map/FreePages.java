package org.ebpf4j.runtime.internal.map;

import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// Which pages of an arena are free, as ranges of numbers. Not safe for use by several threads.
///
/// As Linux does, a request takes the smallest range that is large enough, from its start.
///
/// Source: Linux 6.18's `kernel/bpf/range_tree.c`.
final class FreePages {
  static final int NONE = -1;

  /// Lengths of ranges by where they start. They neither touch nor overlap.
  private final TreeMap<Integer, Integer> ranges = new TreeMap<>();

  /// The same, each as its length and, in the lower half, its start.
  private final TreeSet<Long> bySize = new TreeSet<>();

  FreePages(int count) {
    add(0, count);
  }

  /// Takes pages that follow each other, and gives the number of the first, or [#NONE].
  int take(int count) {
    Long fitting = bySize.ceiling(key(0, count));
    if (fitting == null) {
      return NONE;
    }
    int first = fitting.intValue();
    remove(first, count);
    return first;
  }

  /// Whether all of these pages are free.
  boolean has(int first, int count) {
    Map.Entry<Integer, Integer> range = ranges.floorEntry(first);
    return range != null && first + count <= range.getKey() + range.getValue();
  }

  /// Takes these pages, as far as they are free.
  void remove(int first, int count) {
    int end = first + count;
    Map.Entry<Integer, Integer> range = ranges.lowerEntry(end);
    while (range != null && range.getKey() + range.getValue() > first) {
      int start = range.getKey();
      int rangeEnd = start + range.getValue();
      drop(start, range.getValue());
      if (rangeEnd > end) {
        add(end, rangeEnd - end);
      }
      if (start < first) {
        add(start, first - start);
      }
      range = ranges.lowerEntry(start);
    }
  }

  /// Gives pages back; some of them may be free already.
  void give(int first, int count) {
    remove(first, count);
    int start = first;
    int length = count;
    Map.Entry<Integer, Integer> before = ranges.lowerEntry(first);
    if (before != null && before.getKey() + before.getValue() == first) {
      drop(before.getKey(), before.getValue());
      start = before.getKey();
      length += before.getValue();
    }
    Integer after = ranges.get(first + count);
    if (after != null) {
      drop(first + count, after);
      length += after;
    }
    add(start, length);
  }

  private void add(int start, int length) {
    ranges.put(start, length);
    bySize.add(key(start, length));
  }

  private void drop(int start, int length) {
    ranges.remove(start);
    bySize.remove(key(start, length));
  }

  private static long key(int start, int length) {
    return (long) length << Integer.SIZE | start;
  }
}
