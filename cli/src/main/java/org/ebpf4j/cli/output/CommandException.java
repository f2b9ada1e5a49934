package org.ebpf4j.cli.output;

import java.io.IOException;
import java.io.Serial;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.ebpf4j.error.EbpfException;

/// What the command itself refuses: files that cannot be written, programs that are not there.
public final class CommandException extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  public CommandException(String message) {
    super(message);
  }

  public CommandException(String message, Throwable cause) {
    super(message, cause);
  }

  /// A file that cannot be written.
  public static CommandException unwritten(Object file, IOException cause) {
    return new CommandException(file + ": cannot be written: " + reason(cause), cause);
  }

  /// A file that cannot be read.
  public static CommandException unread(Object file, IOException cause) {
    return new CommandException(file + ": cannot be read: " + reason(cause), cause);
  }

  /// Java's messages for these two are the file's name alone.
  private static String reason(IOException cause) {
    return switch (cause) {
      case NoSuchFileException none -> "no such file or folder";
      case AccessDeniedException denied -> "permission denied";
      case FileSystemException other when other.getReason() != null -> other.getReason();
      default -> String.valueOf(cause.getMessage());
    };
  }
}
