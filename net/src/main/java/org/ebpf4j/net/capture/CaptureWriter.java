package org.ebpf4j.net.capture;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/// Writes a capture: pcapng where the file's name ends in `.pcapng`, else pcap, with timestamps in
/// nanoseconds.
///
/// ```java
/// try (CaptureWriter writer = CaptureWriter.create(Path.of("out.pcap"), LinkType.ETHERNET)) {
///   writer.write(frame, timestampNanos);
///   writer.commit();
/// }
/// ```
///
/// The file appears under its name when [#commit()] returns, whole. A writer that is closed before
/// leaves nothing behind, and a file that was there stays as it was. For one thread at a time.
public final class CaptureWriter implements AutoCloseable {
  private final CaptureOutput output;
  private final CaptureEncoding encoding;
  private final LinkType linkType;

  private CaptureWriter(CaptureOutput output, CaptureEncoding encoding, LinkType linkType) {
    this.output = output;
    this.encoding = encoding;
    this.linkType = linkType;
    encoding.begin(output, linkType);
  }

  /// Begins a capture.
  ///
  /// @param target the file to write; one that is there is replaced by [#commit()]
  /// @param linkType of all its packets
  /// @throws CaptureException when the file cannot be written
  public static CaptureWriter create(Path target, LinkType linkType) {
    CaptureEncoding encoding =
        target.toString().endsWith(".pcapng") ? CaptureEncoding.PCAPNG : CaptureEncoding.PCAP;
    return new CaptureWriter(new CaptureOutput(target), encoding, linkType);
  }

  /// Of all packets of the capture.
  public LinkType linkType() {
    return linkType;
  }

  /// Appends a packet: `length` bytes from `offset` in `memory`.
  ///
  /// @param length 0 to [CaptureReader#MAX_PACKET]
  /// @param originalLength bytes that the packet had on the wire, 0 to 2³² - 1
  /// @param timestampNanos nanoseconds since 1970-01-01 UTC; pcap keeps 32 bits of seconds
  /// @throws CaptureException when the system refuses, such as on a full disk
  public void write(
      MemorySegment memory, long offset, int length, long originalLength, long timestampNanos) {
    if (length < 0 || length > CaptureReader.MAX_PACKET) {
      throw new IllegalArgumentException(
          "a packet has 0 to " + CaptureReader.MAX_PACKET + " bytes, not " + length);
    }
    encoding.packet(output, memory, offset, length, originalLength, timestampNanos);
  }

  /// Appends a whole packet.
  public void write(byte[] packet, long timestampNanos) {
    write(MemorySegment.ofArray(packet), 0, packet.length, packet.length, timestampNanos);
  }

  /// Appends the packet that a reader stands at.
  public void write(CapturedPacket packet) {
    write(
        packet.memory(),
        packet.offset(),
        packet.length(),
        packet.originalLength(),
        packet.timestampNanos());
  }

  /// Completes the capture and gives the file its name. Nothing can be written any more.
  ///
  /// @throws CaptureException when the system refuses; [#close()] then removes what was written
  public void commit() {
    output.commit();
  }

  /// Drops a capture that was not committed.
  @Override
  public void close() {
    output.close();
  }
}
