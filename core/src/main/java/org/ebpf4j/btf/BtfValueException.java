package org.ebpf4j.btf;

import java.io.Serial;
import org.ebpf4j.error.EbpfException;

/// Bytes or a value that do not fit a BTF type.
public final class BtfValueException extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  private final String path;
  private final String problem;

  /// @param path the place in the value, such as `flow.ports[1]`
  /// @param problem what is wrong there
  public BtfValueException(String path, String problem) {
    super(path + ": " + problem);
    this.path = path;
    this.problem = problem;
  }

  public String path() {
    return path;
  }

  public String problem() {
    return problem;
  }
}
