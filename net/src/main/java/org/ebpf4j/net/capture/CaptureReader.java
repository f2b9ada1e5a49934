package org.ebpf4j.net.capture;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// Reads the packets of a capture, pcap or pcapng, one after the other.
///
/// ```java
/// try (CaptureReader reader = CaptureReader.open(Path.of("web.pcap"))) {
///   while (reader.next()) {
///     System.out.println(reader.packet().length());
///   }
/// }
/// ```
///
/// A reader takes the same memory whatever the capture's size, and allocates nothing per packet. Of
/// a damaged capture every packet before the damage is read; then [#next()] throws. For one thread
/// at a time.
public final class CaptureReader implements AutoCloseable {
  /// The most bytes that a captured packet can have: libpcap's limit, `MAXIMUM_SNAPLEN`.
  public static final int MAX_PACKET = 262_144;

  /// The name that stands for standard input.
  private static final Path STANDARD_INPUT = Path.of("-");

  private static final int GZIP_MAGIC = 0x1f8b;

  private final CaptureInput input;
  private final OptionalLong size;
  private final CapturedPacket packet;
  private final CaptureFormat format;
  private @Nullable CaptureException damage;

  private CaptureReader(String name, ReadableByteChannel channel, OptionalLong size) {
    this.size = size;
    this.input = new CaptureInput(name, channel);
    this.packet = new CapturedPacket(input.memory());
    try {
      this.format = detect(input);
    } catch (CaptureException e) {
      input.close();
      throw e;
    }
  }

  /// Opens a capture.
  ///
  /// @param path a file, or `-` for standard input, which stays open when the reader is closed
  /// @throws CaptureException when it is not there, cannot be read, or is no capture
  public static CaptureReader open(Path path) {
    String name = path.toString();
    if (path.equals(STANDARD_INPUT)) {
      return new CaptureReader("standard input", new StandardInput(), OptionalLong.empty());
    }
    if (Files.isDirectory(path)) {
      throw new CaptureException(name, -1, 0, "is a folder, not a capture");
    }
    try {
      FileChannel channel = FileChannel.open(path);
      // Pipes and devices have no size.
      OptionalLong size =
          Files.isRegularFile(path) ? OptionalLong.of(channel.size()) : OptionalLong.empty();
      return new CaptureReader(name, channel, size);
    } catch (NoSuchFileException e) {
      throw new CaptureException(name, -1, 0, "no such file", e);
    } catch (AccessDeniedException e) {
      throw new CaptureException(name, -1, 0, "permission denied", e);
    } catch (IOException e) {
      throw new CaptureException(name, -1, 0, "cannot be opened: " + e.getMessage(), e);
    }
  }

  /// Reads a capture from a channel, which the reader closes.
  ///
  /// @param name what errors call it
  public static CaptureReader of(String name, ReadableByteChannel channel) {
    return new CaptureReader(name, channel, OptionalLong.empty());
  }

  private static CaptureFormat detect(CaptureInput input) {
    if (!input.has(4)) {
      throw input.damaged(
          -1, input.atEnd() ? "is empty, not a capture" : "is too short for a capture");
    }
    int magic = input.peekInt(0);
    if (magic == PcapngFormat.SECTION_HEADER) {
      return new PcapngFormat(input);
    }
    if (isPcap(magic)) {
      return new PcapFormat(input);
    }
    if (isPcap(Integer.reverseBytes(magic))) {
      input.swapOrder();
      return new PcapFormat(input);
    }
    if (magic >>> 16 == GZIP_MAGIC) {
      throw input.damaged(-1, "is compressed: decompress it with gunzip first");
    }
    throw input.damaged(-1, "is neither pcap nor pcapng: it begins with %08x".formatted(magic));
  }

  private static boolean isPcap(int magic) {
    return magic == PcapFormat.MAGIC_MICROSECONDS || magic == PcapFormat.MAGIC_NANOSECONDS;
  }

  /// Moves to the next packet. Returns false at the end of the capture.
  ///
  /// @throws CaptureException where the capture is cut off or corrupt; again at every further call
  public boolean next() {
    if (damage != null) {
      throw damage;
    }
    try {
      if (!format.next(packet)) {
        return false;
      }
    } catch (CaptureException e) {
      damage = e;
      throw e;
    }
    input.countPacket();
    return true;
  }

  /// The packet that [#next()] moved to: the same object each time.
  public CapturedPacket packet() {
    return packet;
  }

  /// Packets read so far.
  public long packets() {
    return input.packets();
  }

  /// Bytes of the capture read so far, for a progress bar.
  public long bytesRead() {
    return input.offset();
  }

  /// Bytes of the whole capture; empty where nobody knows, as of a pipe.
  public OptionalLong size() {
    return size;
  }

  @Override
  public void close() {
    input.close();
  }
}
