package org.ebpf4j.runtime.internal.context;

import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.runtime.internal.memory.Memory;

/// `struct sk_msg_md` and the bytes of a message, of any length. The caller's context says between
/// whom it goes.
///
/// Source: `struct sk_msg_md` in Linux 6.18's `include/uapi/linux/bpf.h`.
public final class MessageContext extends PacketContext {
  private static final int SIZE = 68;
  private static final int ROOM = 4096;

  public MessageContext(ProgramTypes.Row type, int packetLimit) {
    super(type, packetLimit, ROOM, ROOM);
  }

  @Override
  protected int least() {
    return 0;
  }

  @Override
  public void begin() {
    super.begin();
    moved();
  }

  @Override
  public void moved() {
    super.moved();
    Memory.putInt(address() + SIZE, buffer().length());
  }
}
