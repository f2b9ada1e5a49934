package org.ebpf4j.runtime.internal.host;

import java.util.HashMap;
import java.util.Map;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.abi.KernelFunctions;
import org.ebpf4j.runtime.internal.engine.Callee;
import org.ebpf4j.runtime.internal.helper.HelperBody;
import org.ebpf4j.runtime.internal.helper.HelperTable;
import org.ebpf4j.runtime.internal.helper.KernelFunctionTable;

/// What every host has without being told.
public final class BuiltIns {
  private BuiltIns() {}

  /// Helpers by number.
  public static Map<Integer, Callee> helpers() {
    Map<Integer, Callee> callees = new HashMap<>();
    for (Map.Entry<Integer, HelperBody> row : HelperTable.all().entrySet()) {
      HelperPrototype prototype = Helpers.byId(row.getKey()).orElseThrow();
      String label = "bpf_%s#%d".formatted(prototype.name(), prototype.id());
      callees.put(row.getKey(), Callee.of(label, prototype, row.getValue()));
    }
    return callees;
  }

  /// Kernel functions by name.
  public static Map<String, Callee> kernelFunctions() {
    Map<String, Callee> callees = new HashMap<>();
    for (Map.Entry<String, HelperBody> row : KernelFunctionTable.all().entrySet()) {
      HelperPrototype prototype = KernelFunctions.byName(row.getKey()).orElseThrow();
      callees.put(row.getKey(), Callee.of(row.getKey(), prototype, row.getValue()));
    }
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
