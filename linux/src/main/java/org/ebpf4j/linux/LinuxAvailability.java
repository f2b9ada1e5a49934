package org.ebpf4j.linux;

import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.sys.SystemCall;

/// Whether this process can load programs into this machine's kernel.
public sealed interface LinuxAvailability {

  /// It can.
  record Available() implements LinuxAvailability {}

  /// It cannot, and why.
  ///
  /// @param errno what bpf(2) said; empty where there is none
  /// @param reason one line: what is missing and what to do
  record Unavailable(Optional<Errno> errno, String reason) implements LinuxAvailability {}

  /// Finds out by making a small map.
  static LinuxAvailability probe() {
    if (!SystemCall.supported()) {
      return new Unavailable(
          Optional.empty(),
          "%s on %s: the Linux host needs Linux on x86-64, AArch64, RISC-V or LoongArch"
              .formatted(System.getProperty("os.name"), System.getProperty("os.arch")));
    }
    int result;
    try (BpfCall create = new BpfCall(BpfCommand.MAP_CREATE)) {
      int array = 2;
      result = create.set32(0, array).set32(4, 4).set32(8, 4).set32(12, 1).invoke();
    }
    if (result >= 0) {
      SystemCall.CLOSE.call(result, 0, 0, 0, 0, 0);
      return new Available();
    }
    Errno errno = Errors.of(result);
    return new Unavailable(
        Optional.of(errno),
        switch (errno) {
          case EPERM, EACCES ->
              "bpf(2) is not permitted (%s): run as root, or with CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN; a container may refuse it to root too"
                  .formatted(errno);
          case ENOSYS -> "this kernel has no bpf(2) (ENOSYS): it needs CONFIG_BPF_SYSCALL";
          default -> "bpf(2) cannot create a map (%s: %s)".formatted(errno, errno.text());
        });
  }
}
