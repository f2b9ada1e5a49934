package org.ebpf4j.elf;

import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Bytes of an object file, or of one section of it, that are read with every access checked: what
/// lies outside is an [ObjectFileException] that names the section and the offset.
public final class SectionData {
  private final String file;
  private final String section;
  private final byte[] array;
  private final int start;
  private final int size;
  private final ByteOrder order;

  private SectionData(
      String file, String section, byte[] array, int start, int size, ByteOrder order) {
    this.file = file;
    this.section = section;
    this.array = array;
    this.start = start;
    this.size = size;
    this.order = order;
  }

  /// All of `bytes`; the array is not copied and must not change.
  ///
  /// @param file the file's name, for messages
  /// @param section the section's name, "" for a whole file
  public static SectionData of(String file, String section, byte[] bytes, ByteOrder order) {
    return new SectionData(file, section, bytes, 0, bytes.length, order);
  }

  /// The same bytes read in another byte order.
  public SectionData withOrder(ByteOrder newOrder) {
    return new SectionData(file, section, array, start, size, newOrder);
  }

  /// The `length` bytes at `offset`, named as a section of their own whose offsets start at 0.
  public SectionData slice(String name, long offset, long length) {
    return new SectionData(file, name, array, require(offset, length), (int) length, order);
  }

  /// The file's name.
  public String file() {
    return file;
  }

  /// The section's name, "" for a whole file.
  public String section() {
    return section;
  }

  public ByteOrder order() {
    return order;
  }

  /// How many bytes there are.
  public int size() {
    return size;
  }

  /// The byte at `offset`, unsigned.
  public int u8(long offset) {
    return array[require(offset, Byte.BYTES)] & 0xff;
  }

  /// The 16-bit number at `offset`, unsigned.
  public int u16(long offset) {
    int at = require(offset, Short.BYTES);
    int first = array[at] & 0xff;
    int second = array[at + 1] & 0xff;
    return order == ByteOrder.LITTLE_ENDIAN ? second << 8 | first : first << 8 | second;
  }

  /// The 32-bit number at `offset`, signed.
  public int i32(long offset) {
    int at = require(offset, Integer.BYTES);
    int bigEndian =
        array[at] << 24
            | (array[at + 1] & 0xff) << 16
            | (array[at + 2] & 0xff) << 8
            | (array[at + 3] & 0xff);
    return order == ByteOrder.LITTLE_ENDIAN ? Integer.reverseBytes(bigEndian) : bigEndian;
  }

  /// The 32-bit number at `offset`, unsigned.
  public long u32(long offset) {
    return Integer.toUnsignedLong(i32(offset));
  }

  /// The 64-bit number at `offset`. Sizes and offsets above 2^63 come out negative, which every
  /// check here refuses.
  public long i64(long offset) {
    require(offset, Long.BYTES);
    long first = u32(offset);
    long second = u32(offset + Integer.BYTES);
    return order == ByteOrder.LITTLE_ENDIAN ? second << 32 | first : first << 32 | second;
  }

  /// A copy of the `length` bytes at `offset`.
  public byte[] bytes(long offset, long length) {
    int at = require(offset, length);
    return Arrays.copyOfRange(array, at, at + (int) length);
  }

  /// A copy of all bytes.
  public byte[] bytes() {
    return bytes(0, size);
  }

  /// The text in the `length` bytes at `offset`; what is no UTF-8 becomes U+FFFD.
  public String text(long offset, long length) {
    return new String(array, require(offset, length), (int) length, StandardCharsets.UTF_8);
  }

  /// The offset of the first zero byte at or after `offset`, or -1.
  int indexOfZero(int offset) {
    for (int i = start + offset; i < start + size; i++) {
      if (array[i] == 0) {
        return i - start;
      }
    }
    return -1;
  }

  /// An error about this section at `offset` (-1: about no place in particular).
  public ObjectFileException error(long offset, String problem) {
    return new ObjectFileException(file, section, offset, problem);
  }

  /// The place in the array of what is at `offset`, of which `count` bytes are there.
  private int require(long offset, long count) {
    if (offset < 0 || count < 0 || offset > size || count > size - offset) {
      throw error(
          offset,
          "cut off or corrupt: needs %s bytes here, has %d"
              .formatted(Long.toUnsignedString(count), Math.max(0, size - Math.max(0, offset))));
    }
    return start + (int) offset;
  }
}
