package org.ebpf4j.net.capture;

/// One file format: finds the next packet of a stream.
sealed interface CaptureFormat permits PcapFormat, PcapngFormat {
  /// Makes `packet` show the next packet. Returns false at the end of the stream.
  ///
  /// @throws CaptureException where the stream breaks the format or is cut off
  boolean next(CapturedPacket packet);
}
