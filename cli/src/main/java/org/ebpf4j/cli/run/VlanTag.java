package org.ebpf4j.cli.run;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The VLAN tag that Linux keeps beside a frame (`vlan_present`, `vlan_proto` and `vlan_tci` in
/// `struct __sk_buff`), and that a network device puts into it at last.
final class VlanTag {
  private static final int PRESENT = 20;
  private static final int TCI = 24;
  private static final int PROTOCOL = 28;
  private static final int ADDRESSES = 12;
  private static final int BYTES = 4;

  private VlanTag() {}

  /// The frame with the tag in it, or as it is if there is no tag beside it.
  ///
  /// @param skb the context after the run; what is shorter has no tag
  static MemorySegment inside(MemorySegment frame, MemorySegment skb) {
    if (skb.byteSize() <= PROTOCOL
        || skb.get(ValueLayout.JAVA_INT_UNALIGNED, PRESENT) == 0
        || frame.byteSize() < ADDRESSES) {
      return frame;
    }
    long rest = frame.byteSize() - ADDRESSES;
    MemorySegment tagged =
        MemorySegment.ofArray(new byte[Math.toIntExact(frame.byteSize() + BYTES)]);
    MemorySegment.copy(frame, 0, tagged, 0, ADDRESSES);
    // Both in network order; the context has the protocol in it already.
    tagged.set(
        ValueLayout.JAVA_SHORT_UNALIGNED,
        ADDRESSES,
        (short) skb.get(ValueLayout.JAVA_INT_UNALIGNED, PROTOCOL));
    tagged.set(
        ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(java.nio.ByteOrder.BIG_ENDIAN),
        ADDRESSES + 2,
        (short) skb.get(ValueLayout.JAVA_INT_UNALIGNED, TCI));
    MemorySegment.copy(frame, ADDRESSES, tagged, ADDRESSES + BYTES, rest);
    return tagged;
  }
}
