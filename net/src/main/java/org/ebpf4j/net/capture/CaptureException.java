package org.ebpf4j.net.capture;

import java.io.Serial;
import org.ebpf4j.error.EbpfException;

/// A capture that cannot be read any further, or cannot be written.
public final class CaptureException extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  private final String file;
  private final long offset;
  private final long packets;
  private final String problem;

  /// @param file the file's name, as the user gave it
  /// @param offset bytes from the start of the file to the record at fault; -1 where it is the file
  ///   as a whole
  /// @param packets packets that were read or written before
  /// @param problem what is wrong, and what to do about it
  public CaptureException(String file, long offset, long packets, String problem) {
    super(message(file, offset, packets, problem));
    this.file = file;
    this.offset = offset;
    this.packets = packets;
    this.problem = problem;
  }

  /// As the other constructor, with the error of the system underneath.
  public CaptureException(String file, long offset, long packets, String problem, Throwable cause) {
    super(message(file, offset, packets, problem), cause);
    this.file = file;
    this.offset = offset;
    this.packets = packets;
    this.problem = problem;
  }

  private static String message(String file, long offset, long packets, String problem) {
    StringBuilder message = new StringBuilder(file);
    if (offset >= 0) {
      message.append(" at offset ").append(offset);
    }
    message.append(": ").append(problem);
    if (packets > 0) {
      message.append(" (after ").append(packets).append(packets == 1 ? " packet)" : " packets)");
    }
    return message.toString();
  }

  public String file() {
    return file;
  }

  public long offset() {
    return offset;
  }

  public long packets() {
    return packets;
  }

  public String problem() {
    return problem;
  }
}
