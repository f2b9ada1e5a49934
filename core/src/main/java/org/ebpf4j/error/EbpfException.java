package org.ebpf4j.error;

import java.io.Serial;

/// The root of every error that ebpf4j reports about what it was given: an object file, a map
/// operation, a program, a system call.
///
/// Subclasses carry the parts as fields, so that callers match on types and accessors, never on
/// text. The message is one line: what is wrong, where, and what to do about it. A fault of ebpf4j
/// itself is never reported by this type; it surfaces as [IllegalStateException] or
/// [AssertionError].
public class EbpfException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public EbpfException(String message) {
    super(message);
  }

  public EbpfException(String message, Throwable cause) {
    super(message, cause);
  }
}
