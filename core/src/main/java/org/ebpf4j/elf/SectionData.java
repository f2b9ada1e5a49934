package org.ebpf4j.elf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Bytes of an object file, or of one section of it, that are read with every access checked: what
/// lies outside is an [ObjectFileException] that names the section and the offset.
public final class SectionData {
  private final String file;
  private final String section;
  private final ByteBuffer bytes;

  private SectionData(String file, String section, ByteBuffer bytes) {
    this.file = file;
    this.section = section;
    this.bytes = bytes;
  }

  /// All of `bytes`; the array is not copied and must not change.
  ///
  /// @param file the file's name, for messages
  /// @param section the section's name, "" for a whole file
  public static SectionData of(String file, String section, byte[] bytes, ByteOrder order) {
    return new SectionData(file, section, ByteBuffer.wrap(bytes).asReadOnlyBuffer().order(order));
  }

  /// The same bytes read in another byte order.
  public SectionData withOrder(ByteOrder order) {
    return new SectionData(file, section, bytes.duplicate().order(order));
  }

  /// The `size` bytes at `offset`, named as a section of their own whose offsets start at 0.
  public SectionData slice(String name, long offset, long size) {
    require(offset, size);
    return new SectionData(file, name, bytes.slice((int) offset, (int) size).order(bytes.order()));
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
    return bytes.order();
  }

  /// How many bytes there are.
  public int size() {
    return bytes.capacity();
  }

  /// The byte at `offset`, unsigned.
  public int u8(long offset) {
    require(offset, Byte.BYTES);
    return bytes.get((int) offset) & 0xff;
  }

  /// The 16-bit number at `offset`, unsigned.
  public int u16(long offset) {
    require(offset, Short.BYTES);
    return bytes.getShort((int) offset) & 0xffff;
  }

  /// The 32-bit number at `offset`, signed.
  public int i32(long offset) {
    require(offset, Integer.BYTES);
    return bytes.getInt((int) offset);
  }

  /// The 32-bit number at `offset`, unsigned.
  public long u32(long offset) {
    return Integer.toUnsignedLong(i32(offset));
  }

  /// The 64-bit number at `offset`. Sizes and offsets above 2^63 come out negative, which every
  /// check here refuses.
  public long i64(long offset) {
    require(offset, Long.BYTES);
    return bytes.getLong((int) offset);
  }

  /// A copy of the `size` bytes at `offset`.
  public byte[] bytes(long offset, long size) {
    require(offset, size);
    byte[] copy = new byte[(int) size];
    bytes.get((int) offset, copy);
    return copy;
  }

  /// A copy of all bytes.
  public byte[] bytes() {
    return bytes(0, size());
  }

  /// The place of the first byte of `value` at or after `offset`, or -1.
  int indexOf(byte value, long offset) {
    for (int i = (int) offset; i < size(); i++) {
      if (bytes.get(i) == value) {
        return i;
      }
    }
    return -1;
  }

  /// An error about this section at `offset` (-1: about no place in particular).
  public ObjectFileException error(long offset, String problem) {
    return new ObjectFileException(file, section, offset, problem);
  }

  private void require(long offset, long count) {
    if (offset < 0 || count < 0 || offset > size() || count > size() - offset) {
      throw error(
          offset,
          "cut off or corrupt: needs %s bytes here, has %d"
              .formatted(Long.toUnsignedString(count), Math.max(0, size() - Math.max(0, offset))));
    }
  }
}
