package org.ebpf4j.runtime.internal.host;

import java.util.HashMap;
import java.util.Map;
import org.ebpf4j.runtime.internal.engine.Callee;

/// What every host has without being told.
public final class BuiltIns {
  private BuiltIns() {}

  /// Helpers by number.
  public static Map<Integer, Callee> helpers() {
    Map<Integer, Callee> callees = new HashMap<>();
    return callees;
  }

  /// Kernel functions by name.
  public static Map<String, Callee> kernelFunctions() {
    Map<String, Callee> callees = new HashMap<>();
    return callees;
  }

  /// Values of `.kconfig`: those of the Linux release whose behaviour the host has.
  public static Map<String, Long> kconfig() {
    Map<String, Long> values = new HashMap<>();
    values.put("LINUX_KERNEL_VERSION", 0x061200L);
    values.put("LINUX_HAS_BPF_COOKIE", 1L);
    values.put("LINUX_HAS_SYSCALL_WRAPPER", 1L);
    values.put("CONFIG_HZ", 1000L);
    return values;
  }
}
