package org.ebpf4j.linux;

import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.sys.Descriptor;

/// As long as one of these is open, Linux counts the runs of all programs and measures their time
/// (`BPF_ENABLE_STATS`); [LinuxProgram#statistics()] and [ProgramInfo] tell.
public final class RunStatistics implements AutoCloseable {
  /// `BPF_STATS_RUN_TIME`.
  private static final int RUN_TIME = 0;

  private final Descriptor descriptor;

  private RunStatistics(Descriptor descriptor) {
    this.descriptor = descriptor;
  }

  static RunStatistics open() {
    try (BpfCall call = new BpfCall(BpfCommand.ENABLE_STATS)) {
      int result = call.set32(0, RUN_TIME).invoke();
      if (result < 0) {
        Errno errno = Errors.of(result);
        throw new KernelException(
            "count runs",
            errno,
            errno == Errno.EPERM ? "that takes root or CAP_SYS_ADMIN" : errno.text());
      }
      return new RunStatistics(new Descriptor(result));
    }
  }

  /// Ends it, unless others want statistics too.
  @Override
  public void close() {
    descriptor.close();
  }
}
