package org.ebpf4j.linux.internal.program;

import org.ebpf4j.RunException;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.sys.SystemCallException;

/// Sends packets through an XDP program for real. Offsets are those of `union bpf_attr`.
final class LiveFrames {
  /// `BPF_F_TEST_XDP_LIVE_FRAMES`.
  private static final int LIVE_FRAMES = 1 << 1;

  private LiveFrames() {}

  static void send(KernelProgram program, byte[] packet, int count) {
    if (count < 1) {
      throw new RunException(
          program.name(),
          Errno.EINVAL,
          "live frames are sent once at least, not %d times".formatted(count));
    }
    int number;
    try {
      number = program.descriptor().acquire();
    } catch (SystemCallException e) {
      throw new RunException(program.name(), Errors.of(e), "it is closed");
    }
    try (BpfCall call = new BpfCall(BpfCommand.PROG_TEST_RUN)) {
      int result =
          call.set32(0, number)
              .set32(8, packet.length)
              .setPointer(16, call.copy(packet))
              .set32(32, count)
              .set32(64, LIVE_FRAMES)
              .invoke();
      if (result < 0) {
        Errno errno = Errors.of(result);
        throw new RunException(
            program.name(),
            errno,
            errno == Errno.EINVAL
                ? "only XDP programs without frags take live frames, of 14 bytes to a page (Linux"
                    + " 5.18)"
                : errno.text());
      }
    } finally {
      program.descriptor().release();
    }
  }
}
