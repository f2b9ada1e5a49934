package org.ebpf4j.runtime.internal.context;

import java.util.Optional;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.runtime.internal.memory.Memory;

/// `struct bpf_sysctl`, and what the program has put in place of the value to be written.
public final class SysctlContext extends PlainContext {
  private static final int WRITE = 0;

  private Optional<String> replacement = Optional.empty();

  public SysctlContext(ContextLayout layout) {
    super(layout, false);
  }

  @Override
  public void begin() {
    super.begin();
    replacement = Optional.empty();
  }

  /// Whether the setting is written, and not read.
  public boolean isWrite() {
    return Memory.getInt(address() + WRITE) != 0;
  }

  /// What the program wants to be written.
  public Optional<String> replacement() {
    return replacement;
  }

  public void replace(String value) {
    replacement = Optional.of(value);
  }
}
