package org.ebpf4j.net.capture;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;

/// A file that appears under its name only when it is whole: it is written to a temporary file
/// beside the target, which takes the target's name at the end. Numbers are little-endian.
///
/// What is not a regular file, such as `/dev/stdout` or a pipe, is written directly.
final class CaptureOutput implements AutoCloseable {
  private static final int CAPACITY = 2 * CaptureInput.MAX_WINDOW;

  private final String name;
  private final Path target;
  private final Optional<Path> temporary;
  private final FileChannel channel;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(CAPACITY).order(ByteOrder.LITTLE_ENDIAN);
  private final MemorySegment memory = MemorySegment.ofBuffer(buffer);

  private long written;
  private boolean committed;

  CaptureOutput(Path path) {
    name = path.toString();
    if (Files.isDirectory(path)) {
      throw new CaptureException(name, -1, 0, "is a folder, not a file to write to");
    }
    try {
      // A link keeps pointing where it points.
      target = Files.exists(path) ? path.toRealPath() : path.toAbsolutePath();
      if (Files.exists(target) && !Files.isRegularFile(target)) {
        temporary = Optional.empty();
        channel = FileChannel.open(target, StandardOpenOption.WRITE);
        return;
      }
      if (Files.exists(target) && !Files.isWritable(target)) {
        throw new CaptureException(name, -1, 0, "cannot be written: permission denied");
      }
      Path beside =
          target.resolveSibling("." + target.getFileName() + "." + UUID.randomUUID() + ".tmp");
      channel = FileChannel.open(beside, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      temporary = Optional.of(beside);
    } catch (NoSuchFileException e) {
      throw new CaptureException(name, -1, 0, "cannot be written: no such folder", e);
    } catch (AccessDeniedException e) {
      throw new CaptureException(name, -1, 0, "cannot be written: permission denied", e);
    } catch (IOException e) {
      throw new CaptureException(name, -1, 0, "cannot be written: " + e.getMessage(), e);
    }
  }

  /// Sees to it that `count` bytes can be put.
  void room(int count) {
    if (buffer.remaining() < count) {
      flush();
    }
  }

  void putShort(int value) {
    buffer.putShort((short) value);
  }

  void putInt(int value) {
    buffer.putInt(value);
  }

  void putLong(long value) {
    buffer.putLong(value);
  }

  void putBytes(MemorySegment source, long offset, int length) {
    MemorySegment.copy(source, offset, memory, buffer.position(), length);
    buffer.position(buffer.position() + length);
  }

  void putZeros(int count) {
    for (int i = 0; i < count; i++) {
      buffer.put((byte) 0);
    }
  }

  private void flush() {
    buffer.flip();
    try {
      while (buffer.hasRemaining()) {
        written += channel.write(buffer);
      }
    } catch (IOException e) {
      throw failed("cannot be written", e);
    }
    buffer.clear();
  }

  /// Gives the file its name. Nothing can be put any more.
  void commit() {
    flush();
    try {
      channel.close();
      if (temporary.isPresent()) {
        Files.move(
            temporary.get(),
            target,
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw failed("cannot be completed", e);
    }
    committed = true;
  }

  /// Removes what was written, unless it is committed.
  @Override
  public void close() {
    if (committed) {
      return;
    }
    try {
      channel.close();
      if (temporary.isPresent()) {
        Files.deleteIfExists(temporary.get());
      }
    } catch (IOException e) {
      throw failed("cannot be removed", e);
    }
  }

  private CaptureException failed(String what, IOException cause) {
    return new CaptureException(name, written, 0, what + ": " + cause.getMessage(), cause);
  }
}
