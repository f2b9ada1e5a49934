package org.ebpf4j.verifier.internal.state;

/// What sort of thing a register or stack slot holds, with the word that the kernel's log has for
/// it.
public enum Kind {
  /// Nothing that may be read.
  UNINITIALIZED("?"),
  /// A number.
  SCALAR("scalar"),
  /// The program's context.
  CONTEXT("ctx"),
  /// A map itself.
  MAP("map_ptr"),
  /// A value in a map.
  MAP_VALUE("map_value"),
  /// A key in a map, as callbacks get it.
  MAP_KEY("map_key"),
  /// The stack of some frame.
  STACK("fp"),
  PACKET_META("pkt_meta"),
  PACKET("pkt"),
  PACKET_END("pkt_end"),
  FLOW_KEYS("flow_keys"),
  SOCKET("sock"),
  SOCK_COMMON("sock_common"),
  TCP_SOCK("tcp_sock"),
  /// The buffer of a writable raw tracepoint.
  TRACE_BUFFER("tp_buffer"),
  XDP_SOCK("xdp_sock"),
  /// A kernel object, or one that the program allocated, of a type known by BTF.
  BTF_OBJECT("ptr_"),
  /// Memory of a known size.
  MEMORY("mem"),
  ARENA("arena"),
  /// Memory whose size is checked when the program runs.
  BUFFER("buf"),
  /// A function of the program.
  FUNCTION("func"),
  /// A dynptr that a callback is given.
  DYNPTR("dynptr_ptr"),
  /// First slot of an open-coded iterator; on the stack only.
  ITERATOR("iter"),
  /// A saved interrupt flag; on the stack only.
  IRQ_FLAG("irq_flag");

  private final String word;

  Kind(String word) {
    this.word = word;
  }

  public String word() {
    return word;
  }

  /// Whether a slot of the stack that such a pointer is stored to gives it back. Source:
  /// `is_spillable_regtype`.
  public boolean isSpillable() {
    return this != DYNPTR && this != TRACE_BUFFER;
  }

  public boolean isPacket() {
    return this == PACKET || this == PACKET_META;
  }

  public boolean isPacketOrEnd() {
    return isPacket() || this == PACKET_END;
  }

  public boolean isSocket() {
    return this == SOCKET || this == SOCK_COMMON || this == TCP_SOCK || this == XDP_SOCK;
  }
}
