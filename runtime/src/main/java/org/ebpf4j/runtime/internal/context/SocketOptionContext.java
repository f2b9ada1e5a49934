package org.ebpf4j.runtime.internal.context;

import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.runtime.internal.memory.Memory;

/// `struct bpf_sockopt` and the option's value, which is what the caller gives as packet. `level`,
/// `optname`, `optlen` and `retval` come from the caller's context; without it, `optlen` is the
/// value's length.
///
/// Source: `struct bpf_sockopt` in Linux 6.18's `include/uapi/linux/bpf.h`, `kernel/bpf/cgroup.c`.
public final class SocketOptionContext extends PacketContext {
  private static final int LENGTH = 32;
  private static final int RETURN = 36;

  public SocketOptionContext(ProgramTypes.Row type, int packetLimit) {
    super(type, packetLimit, 0, 0);
  }

  @Override
  protected int least() {
    return 0;
  }

  @Override
  public void begin() {
    super.begin();
    setReturnCode(Memory.getInt(address() + RETURN));
    if (Memory.getInt(address() + LENGTH) == 0) {
      Memory.putInt(address() + LENGTH, buffer().length());
    }
    moved();
  }
}
