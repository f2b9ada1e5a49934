package org.ebpf4j.cli;

import java.io.Serial;
import org.ebpf4j.error.EbpfException;

/// What the command itself refuses: files that cannot be written, programs that are not there.
final class CommandException extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  CommandException(String message) {
    super(message);
  }

  CommandException(String message, Throwable cause) {
    super(message, cause);
  }
}
