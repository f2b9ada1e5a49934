package org.ebpf4j.isa.classic;

import java.util.Optional;

/// What a packet load from a negative offset reads instead of the packet: `SKF_AD_*` in Linux's
/// `include/uapi/linux/filter.h`.
enum Ancillary {
  PROTOCOL(0),
  PACKET_TYPE(4),
  INTERFACE_INDEX(8),
  NETLINK_ATTRIBUTE(12),
  NESTED_NETLINK_ATTRIBUTE(16),
  MARK(20),
  QUEUE(24),
  HARDWARE_TYPE(28),
  HASH(32),
  CPU(36),
  XOR_X(40),
  VLAN_TAG(44),
  VLAN_PRESENT(48),
  PAYLOAD_OFFSET(52),
  RANDOM(56),
  VLAN_PROTOCOL(60);

  /// `SKF_AD_OFF`: offsets from here up, as unsigned numbers, are ancillary.
  static final int BASE = -0x1000;

  private static final Ancillary[] ALL = values();

  private final int offset;

  Ancillary(int offset) {
    this.offset = offset;
  }

  /// Whether a load at `k` reads no packet, whether or not it is known what.
  static boolean covers(int k) {
    return k >= BASE && k < 0;
  }

  static Optional<Ancillary> at(int k) {
    for (Ancillary ancillary : ALL) {
      if (BASE + ancillary.offset == k) {
        return Optional.of(ancillary);
      }
    }
    return Optional.empty();
  }
}
