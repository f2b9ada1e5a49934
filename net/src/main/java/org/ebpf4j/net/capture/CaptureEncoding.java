package org.ebpf4j.net.capture;

import java.lang.foreign.MemorySegment;

/// How packets are written: the file formats that a [CaptureWriter] knows. Timestamps are
/// nanoseconds in both.
enum CaptureEncoding {
  /// See [PcapFormat] for the layout.
  PCAP {
    @Override
    void begin(CaptureOutput output, LinkType linkType) {
      output.room(PcapFormat.FILE_HEADER);
      output.putInt(PcapFormat.MAGIC_NANOSECONDS);
      output.putShort(PcapFormat.MAJOR_VERSION);
      output.putShort(PcapFormat.MINOR_VERSION);
      output.putLong(0);
      output.putInt(CaptureReader.MAX_PACKET);
      output.putInt(linkType.number());
    }

    @Override
    void packet(
        CaptureOutput output,
        MemorySegment memory,
        long offset,
        int length,
        long originalLength,
        long timestamp) {
      output.room(PcapFormat.RECORD_HEADER + length);
      output.putInt((int) Math.floorDiv(timestamp, NANOS_PER_SECOND));
      output.putInt((int) Math.floorMod(timestamp, NANOS_PER_SECOND));
      output.putInt(length);
      output.putInt((int) originalLength);
      output.putBytes(memory, offset, length);
    }
  },

  /// One section with one interface; see [PcapngFormat] for the layout.
  PCAPNG {
    private static final int SECTION_BLOCK = 28;
    private static final int INTERFACE_BLOCK = 32;
    private static final int PACKET_BLOCK = 32;
    private static final int NANOSECONDS = 9;

    @Override
    void begin(CaptureOutput output, LinkType linkType) {
      output.room(SECTION_BLOCK + INTERFACE_BLOCK);
      output.putInt(PcapngFormat.SECTION_HEADER);
      output.putInt(SECTION_BLOCK);
      output.putInt(PcapngFormat.BYTE_ORDER_MAGIC);
      output.putShort(1);
      output.putShort(0);
      output.putLong(-1); // the section's length is not said
      output.putInt(SECTION_BLOCK);

      output.putInt(PcapngFormat.INTERFACE_DESCRIPTION);
      output.putInt(INTERFACE_BLOCK);
      output.putShort(linkType.number());
      output.putShort(0);
      output.putInt(CaptureReader.MAX_PACKET);
      output.putShort(PcapngFormat.OPTION_TIMESTAMP_RESOLUTION);
      output.putShort(1);
      output.putInt(NANOSECONDS); // one byte, padded
      output.putInt(0); // end of options
      output.putInt(INTERFACE_BLOCK);
    }

    @Override
    void packet(
        CaptureOutput output,
        MemorySegment memory,
        long offset,
        int length,
        long originalLength,
        long timestamp) {
      int padding = -length & 3;
      int blockLength = PACKET_BLOCK + length + padding;
      output.room(blockLength);
      output.putInt(PcapngFormat.ENHANCED_PACKET);
      output.putInt(blockLength);
      output.putInt(0); // the interface
      output.putInt((int) (timestamp >>> 32));
      output.putInt((int) timestamp);
      output.putInt(length);
      output.putInt((int) originalLength);
      output.putBytes(memory, offset, length);
      output.putZeros(padding);
      output.putInt(blockLength);
    }
  };

  private static final long NANOS_PER_SECOND = 1_000_000_000;

  /// Writes what stands before the first packet.
  abstract void begin(CaptureOutput output, LinkType linkType);

  abstract void packet(
      CaptureOutput output,
      MemorySegment memory,
      long offset,
      int length,
      long originalLength,
      long timestamp);
}
