package org.ebpf4j.linux.internal.map;

import java.util.AbstractList;
import java.util.Arrays;
import java.util.Objects;
import java.util.RandomAccess;
import org.ebpf4j.BpfMap.Entry;

/// Elements as a batch call gives them: all keys one after the other, and all values. An entry is
/// made when it is asked for, as most are looked at once, and then cost nothing.
final class PackedEntries extends AbstractList<Entry> implements RandomAccess {
  private final byte[] keys;
  private final byte[] values;
  private final int keyBytes;
  private final int valueBytes;
  private final int count;

  PackedEntries(byte[] keys, int keyBytes, byte[] values, int valueBytes, int count) {
    this.keys = keys;
    this.values = values;
    this.keyBytes = keyBytes;
    this.valueBytes = valueBytes;
    this.count = count;
  }

  @Override
  public Entry get(int index) {
    Objects.checkIndex(index, count);
    return new Entry(
        Arrays.copyOfRange(keys, index * keyBytes, (index + 1) * keyBytes),
        Arrays.copyOfRange(values, index * valueBytes, (index + 1) * valueBytes));
  }

  @Override
  public int size() {
    return count;
  }
}
