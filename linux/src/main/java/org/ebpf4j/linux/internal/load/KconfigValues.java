package org.ebpf4j.linux.internal.load;

import java.util.List;
import java.util.Optional;
import org.ebpf4j.LoadException;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.internal.object.KernelRelease;
import org.ebpf4j.spec.KconfigEncoder;
import org.ebpf4j.spec.KconfigException;
import org.ebpf4j.spec.MapSpec.KconfigVariable;

/// The contents of the map `.kconfig`: what the running kernel was configured with. Three names are
/// not the configuration's: they describe the kernel that runs.
public final class KconfigValues {
  private final Btf btf;
  private final KernelConfig config;

  KconfigValues(Btf btf, KernelConfig config) {
    this.btf = btf;
    this.config = config;
  }

  /// The map's value.
  ///
  /// @throws LoadException for an option that is not set and not weak, or does not fit its type
  byte[] bytes(List<KconfigVariable> variables, int size) {
    String whyMissing =
        config.known()
            ? "it is not set in this kernel; declare it weak to take 0 for that"
            : "neither /proc/config.gz nor /boot/config-… can be read, and it is not weak";
    try {
      return new KconfigEncoder(btf, name -> value(config, name), whyMissing)
          .encode(variables, size);
    } catch (KconfigException e) {
      throw new LoadException("extern " + e.variable(), Errno.EINVAL, e.reason());
    }
  }

  /// The text of an option, or of what describes the running kernel; empty if it is not set.
  public static Optional<String> value(KernelConfig config, String name) {
    return switch (name) {
      case "LINUX_KERNEL_VERSION" -> Optional.of(Integer.toString(KernelRelease.running().code()));
      // Cookies of perf links came with Linux 5.15, wrappers of system calls with 4.17.
      case "LINUX_HAS_BPF_COOKIE" ->
          Optional.of(KernelRelease.running().code() >= (5 << 16 | 15 << 8) ? "y" : "n");
      case "LINUX_HAS_SYSCALL_WRAPPER" ->
          Optional.of(KernelRelease.running().code() >= (4 << 16 | 17 << 8) ? "y" : "n");
      default -> config.value(name);
    };
  }
}
