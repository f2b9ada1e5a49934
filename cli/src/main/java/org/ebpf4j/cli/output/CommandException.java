package org.ebpf4j.cli.output;

import java.io.Serial;
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
}
