package org.ebpf4j.spec;

import java.io.Serial;
import org.ebpf4j.error.EbpfException;

/// A `.kconfig` variable that has no value, or one that its type cannot hold.
public final class KconfigException extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  private final String variable;
  private final String reason;
  private final boolean missing;

  KconfigException(String variable, String reason, boolean missing) {
    super("extern " + variable + ": " + reason);
    this.variable = variable;
    this.reason = reason;
    this.missing = missing;
  }

  /// Its name, such as `CONFIG_HZ`.
  public String variable() {
    return variable;
  }

  public String reason() {
    return reason;
  }

  /// Whether there is no value at all.
  public boolean isMissing() {
    return missing;
  }
}
