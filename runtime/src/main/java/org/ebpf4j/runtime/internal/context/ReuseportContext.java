package org.ebpf4j.runtime.internal.context;

import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.runtime.internal.memory.Memory;

/// `struct sk_reuseport_md` and a packet from its transport header on: which of the sockets bound
/// to one port is to get it. `len` is that of the packet unless the caller's context says so.
///
/// Source: `struct sk_reuseport_md` in Linux 6.18's `include/uapi/linux/bpf.h`.
public final class ReuseportContext extends PacketContext {
  private static final int LENGTH = 16;

  public ReuseportContext(ProgramTypes.Row type, int packetLimit) {
    super(type, packetLimit, 0, 0);
  }

  @Override
  protected int least() {
    return 0;
  }

  @Override
  public void begin() {
    super.begin();
    if (Memory.getInt(address() + LENGTH) == 0) {
      Memory.putInt(address() + LENGTH, buffer().length());
    }
    moved();
  }
}
