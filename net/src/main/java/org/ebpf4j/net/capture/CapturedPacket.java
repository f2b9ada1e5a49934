package org.ebpf4j.net.capture;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The packet that a [CaptureReader] stands at: a view, good until the reader moves on or is
/// closed.
///
/// The bytes stay in the reader's buffer: [#length()] bytes from [#offset()] in [#memory()]. The
/// same view is used for every packet, so that reading a packet allocates nothing.
public final class CapturedPacket {
  private final MemorySegment memory;
  private long offset;
  private int length;
  private long originalLength;
  private long timestamp;
  private int interfaceId;
  private LinkType linkType = LinkType.ETHERNET;

  CapturedPacket(MemorySegment memory) {
    this.memory = memory;
  }

  void set(int newOffset, int newLength, long newOriginalLength, long newTimestamp) {
    offset = newOffset;
    length = newLength;
    originalLength = newOriginalLength;
    timestamp = newTimestamp;
  }

  void setInterface(int newInterfaceId, LinkType newLinkType) {
    interfaceId = newInterfaceId;
    linkType = newLinkType;
  }

  /// The reader's buffer: off-heap, and the same for every packet of the reader.
  public MemorySegment memory() {
    return memory;
  }

  /// Where the packet begins in [#memory()], in bytes.
  public long offset() {
    return offset;
  }

  /// Bytes captured, at most [CaptureReader#MAX_PACKET].
  public int length() {
    return length;
  }

  /// Bytes that the packet had on the wire: more than [#length()] where a snap length cut it.
  public long originalLength() {
    return originalLength;
  }

  /// Nanoseconds since 1970-01-01 UTC; 0 where the file has none (pcapng's simple packet block).
  public long timestampNanos() {
    return timestamp;
  }

  /// The number of the interface within its pcapng section, from 0; 0 in a pcap file.
  public int interfaceId() {
    return interfaceId;
  }

  public LinkType linkType() {
    return linkType;
  }

  /// The bytes as a slice of [#memory()].
  public MemorySegment segment() {
    return memory.asSlice(offset, length);
  }

  /// A copy of the bytes.
  public byte[] toBytes() {
    return segment().toArray(ValueLayout.JAVA_BYTE);
  }
}
