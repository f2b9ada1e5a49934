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

  /// Values of `.kconfig`: those of the Linux release whose behaviour the host has, as far as they
  /// say something of this host.
  public static Map<String, String> kconfig() {
    Map<String, String> values = new HashMap<>();
    values.put("LINUX_KERNEL_VERSION", "0x061200");
    values.put("LINUX_HAS_BPF_COOKIE", "y");
    values.put("LINUX_HAS_SYSCALL_WRAPPER", "y");
    values.put("CONFIG_HZ", "1000");
    values.put("CONFIG_BPF", "y");
    values.put("CONFIG_BPF_SYSCALL", "y");
    values.put("CONFIG_BPF_JIT", "y");
    values.put("CONFIG_DEBUG_INFO_BTF", "y");
    values.put("CONFIG_NET", "y");
    values.put("CONFIG_INET", "y");
    values.put("CONFIG_IPV6", "y");
    values.put("CONFIG_SMP", "y");
    return values;
  }
}
