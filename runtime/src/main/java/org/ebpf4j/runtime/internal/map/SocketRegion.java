package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.runtime.internal.memory.FixedRegion;

/// A socket that a run may look at: what programs see of a [SocketStruct].
public abstract class SocketRegion extends FixedRegion {

  /// @param address where a struct of [SocketStruct#BYTES] bytes is
  protected SocketRegion(long address) {
    super(address, SocketStruct.VISIBLE, false);
  }

  @Override
  public final String describe() {
    return "socket (struct bpf_sock)";
  }
}
