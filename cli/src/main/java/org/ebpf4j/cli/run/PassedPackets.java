package org.ebpf4j.cli.run;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Optional;
import org.ebpf4j.net.capture.CaptureWriter;
import org.ebpf4j.net.capture.CapturedPacket;
import org.ebpf4j.net.capture.LinkType;
import org.jspecify.annotations.Nullable;

/// The capture of what a program let through, if one is wanted.
final class PassedPackets implements AutoCloseable {
  private final @Nullable CaptureWriter writer;

  /// @throws org.ebpf4j.net.capture.CaptureException when the file cannot be written
  PassedPackets(Optional<Path> target) {
    writer = target.map(path -> CaptureWriter.create(path, LinkType.ETHERNET)).orElse(null);
  }

  /// Whether they are wanted.
  boolean wanted() {
    return writer != null;
  }

  /// @param after the packet as the program left it
  /// @param packet where it came from
  void write(MemorySegment after, CapturedPacket packet) {
    if (writer != null) {
      writer.write(after, 0, (int) after.byteSize(), after.byteSize(), packet.timestampNanos());
    }
  }

  void commit() {
    if (writer != null) {
      writer.commit();
    }
  }

  @Override
  public void close() {
    if (writer != null) {
      writer.close();
    }
  }
}
