package org.ebpf4j.elf;

import java.util.HashMap;
import java.util.Map;

/// A section of strings, each ended by a zero byte and found by the offset of its first byte.
///
/// A string may be the tail of another one, so a small table could stand for very many characters:
/// what is decoded in all is limited to a multiple of the table's size.
public final class StringTable {
  private static final int OVERLAP = 16;

  private final SectionData data;
  private final Map<Integer, String> decoded = new HashMap<>();
  private long budget;

  public StringTable(SectionData data) {
    this.data = data;
    this.budget = 4096 + (long) OVERLAP * data.size();
  }

  /// The string that starts at `offset`.
  ///
  /// @throws ObjectFileException if that is outside of the table, or the string does not end
  public synchronized String at(long offset) {
    if (offset < 0 || offset >= data.size()) {
      throw data.error(offset, "no string here, the table has " + data.size() + " bytes");
    }
    return decoded.computeIfAbsent((int) offset, this::decode);
  }

  /// Bytes in the table.
  public int size() {
    return data.size();
  }

  /// A copy of the table's bytes.
  public byte[] bytes() {
    return data.bytes();
  }

  private String decode(int offset) {
    int end = data.indexOfZero(offset);
    if (end < 0) {
      throw data.error(offset, "string without an end");
    }
    budget -= end - offset;
    if (budget < 0) {
      throw data.error(offset, "strings overlap more than any compiler writes them");
    }
    return data.text(offset, end - offset);
  }
}
