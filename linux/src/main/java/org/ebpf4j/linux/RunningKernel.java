package org.ebpf4j.linux;

import org.ebpf4j.linux.internal.load.KconfigValues;
import org.ebpf4j.linux.internal.load.KernelConfig;
import org.ebpf4j.linux.internal.object.PossibleCpus;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.KconfigEncoder;

/// What programs see of the kernel that runs here, and what may be known without any privilege.
public final class RunningKernel {
  private RunningKernel() {}

  /// How many CPUs it may have: a processor's number is below this.
  public static int cpus() {
    return PossibleCpus.count();
  }

  /// Whether it finds the addresses of its variables by their names, which it does where it was
  /// configured with `CONFIG_KALLSYMS_ALL`; where nobody knows, yes.
  public static boolean findsVariables() {
    KernelConfig config = new KernelConfig();
    return !config.known() || config.value("CONFIG_KALLSYMS_ALL").isPresent();
  }

  /// The collection with the contents that its `.kconfig` has in this kernel. Where a value is not
  /// known, and may not be 0 instead, it stays as it is.
  public static CollectionSpec configured(CollectionSpec collection) {
    KernelConfig config = new KernelConfig();
    return KconfigEncoder.fill(collection, name -> KconfigValues.value(config, name));
  }
}
