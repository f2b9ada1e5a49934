package org.ebpf4j.net.capture;

/// The classic format: a header of 24 bytes, then packets (draft-ietf-opsawg-pcap).
///
/// ```
/// file    magic 4 | major 2 | minor 2 | reserved 8 | snap length 4 | link type and FCS length 4
/// packet  seconds 4 | micro- or nanoseconds 4 | captured length 4 | original length 4 | bytes
/// ```
final class PcapFormat implements CaptureFormat {
  static final int MAGIC_MICROSECONDS = 0xa1b2c3d4;
  static final int MAGIC_NANOSECONDS = 0xa1b23c4d;
  static final int MAJOR_VERSION = 2;
  static final int MINOR_VERSION = 4;
  static final int FILE_HEADER = 24;
  static final int RECORD_HEADER = 16;

  private final CaptureInput input;
  private final LinkType linkType;
  private final int nanosPerUnit;

  /// Bytes of the packet last shown, still to be passed over.
  private int pending;

  /// Reads the file header. The input's byte order is the file's.
  PcapFormat(CaptureInput input) {
    this.input = input;
    if (!input.has(FILE_HEADER)) {
      throw input.damaged(0, "the file is cut off in the pcap header");
    }
    int major = input.peekUnsignedShort(4);
    if (major != MAJOR_VERSION) {
      throw input.damaged(
          4, "pcap version " + major + "." + input.peekUnsignedShort(6) + " is not known, 2.4 is");
    }
    nanosPerUnit = input.peekInt(0) == MAGIC_NANOSECONDS ? 1 : 1000;
    // The upper half holds flags and the length of a frame check sequence.
    linkType = new LinkType(input.peekInt(20) & 0xffff);
    input.advance(FILE_HEADER);
  }

  @Override
  public boolean next(CapturedPacket packet) {
    input.advance(pending);
    pending = 0;
    if (!input.has(RECORD_HEADER)) {
      if (input.atEnd()) {
        return false;
      }
      throw input.damaged(input.offset(), "the file is cut off in the header of a packet");
    }
    int length = input.peekInt(8);
    if (Integer.compareUnsigned(length, CaptureReader.MAX_PACKET) > 0) {
      throw input.damaged(
          input.offset(),
          "a packet claims "
              + Integer.toUnsignedString(length)
              + " captured bytes, at most "
              + CaptureReader.MAX_PACKET
              + " are possible: the file is corrupt");
    }
    if (!input.has(RECORD_HEADER + length)) {
      throw input.damaged(input.offset(), "the file is cut off in the bytes of a packet");
    }
    long seconds = Integer.toUnsignedLong(input.peekInt(0));
    long fraction = Integer.toUnsignedLong(input.peekInt(4));
    packet.set(
        input.index(RECORD_HEADER),
        length,
        Integer.toUnsignedLong(input.peekInt(12)),
        seconds * 1_000_000_000 + fraction * nanosPerUnit);
    packet.setInterface(0, linkType);
    pending = RECORD_HEADER + length;
    return true;
  }
}
