package org.ebpf4j;

import java.io.Serial;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.error.Errno;

/// A collection, program or attachment that a host refused.
public final class LoadException extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  private final String subject;
  private final Errno errno;
  private final String summary;
  private final String log;

  /// @param subject what was refused, such as `program firewall`
  /// @param errno what bpf(2) gives, or would give
  /// @param summary one line that says why
  /// @param log the whole verifier log, or "" without one
  public LoadException(String subject, Errno errno, String summary, String log) {
    super("%s: %s (%s)".formatted(subject, summary, errno));
    this.subject = subject;
    this.errno = errno;
    this.summary = summary;
    this.log = log;
  }

  public LoadException(String subject, Errno errno, String summary) {
    this(subject, errno, summary, "");
  }

  public String subject() {
    return subject;
  }

  public Errno errno() {
    return errno;
  }

  public String summary() {
    return summary;
  }

  public String log() {
    return log;
  }
}
