package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.PacketBuffer;
import org.ebpf4j.runtime.internal.context.Skb;
import org.ebpf4j.runtime.internal.context.SkbContext;
import org.ebpf4j.runtime.internal.memory.Memory;

/// The VLAN tags of a frame. As in Linux, the outermost tag that is pushed is kept beside the
/// packet (`vlan_present`, `vlan_tci`, `vlan_proto`), those below are in it.
///
/// Source: `skb_vlan_push` and `skb_vlan_pop` in `net/core/skbuff.c`.
final class VlanTags {
  private static final int TAG = 4;
  private static final int ADDRESSES = 12;
  private static final int ETHERNET = 14;

  private VlanTags() {}

  /// Puts a tag on; 0 or a negated errno.
  ///
  /// @param protocol 802.1Q or 802.1ad in network order; anything else counts as 802.1Q
  static int push(SkbContext skb, short protocol, short tci) {
    int type = Short.toUnsignedInt(Short.reverseBytes(protocol));
    if (!isTag(type)) {
      type = Skb.VLAN;
    }
    if (skb.field(Skb.VLAN_PRESENT) != 0) {
      int outer = Short.reverseBytes((short) skb.field(Skb.VLAN_PROTO)) & 0xffff;
      PacketBuffer packet = skb.buffer();
      if (packet.length() < ADDRESSES || !packet.hasRoom(TAG)) {
        return Errno.ENOMEM.negated();
      }
      packet.insert(ADDRESSES, TAG);
      long tag = packet.data() + ADDRESSES;
      Memory.putShort(tag, Short.reverseBytes((short) outer));
      Memory.putShort(tag + 2, Short.reverseBytes((short) skb.field(Skb.VLAN_TCI)));
      skb.setProtocol(outer);
    }
    keep(skb, type, tci);
    skb.moved();
    return 0;
  }

  /// Takes the outermost tag off; 0, also where there is none, or a negated errno.
  static int pop(SkbContext skb) {
    if (skb.field(Skb.VLAN_PRESENT) != 0) {
      skb.setField(Skb.VLAN_PRESENT, 0);
      skb.setField(Skb.VLAN_TCI, 0);
      skb.setField(Skb.VLAN_PROTO, 0);
    } else if (!isTag(skb.protocol())) {
      return 0;
    } else if (take(skb) < 0) {
      return Errno.ENOMEM.negated();
    }
    int type = skb.protocol();
    if (isTag(type)) {
      int tci = take(skb);
      if (tci < 0) {
        return Errno.ENOMEM.negated();
      }
      keep(skb, type, (short) tci);
    }
    skb.moved();
    return 0;
  }

  /// Takes a tag out of the packet; its TCI, or -1 if the packet is too short.
  private static int take(SkbContext skb) {
    PacketBuffer packet = skb.buffer();
    if (packet.length() < ETHERNET + TAG) {
      return -1;
    }
    int tci = Short.reverseBytes(Memory.getShort(packet.data() + ETHERNET)) & 0xffff;
    packet.insert(ADDRESSES, -TAG);
    skb.setProtocol(Short.reverseBytes(Memory.getShort(packet.data() + ADDRESSES)) & 0xffff);
    return tci;
  }

  private static void keep(SkbContext skb, int type, short tci) {
    skb.setField(Skb.VLAN_PRESENT, 1);
    skb.setField(Skb.VLAN_TCI, Short.toUnsignedInt(tci));
    skb.setField(Skb.VLAN_PROTO, Short.toUnsignedInt(Short.reverseBytes((short) type)));
  }

  private static boolean isTag(int type) {
    return type == Skb.VLAN || type == Skb.VLAN_SERVICE;
  }
}
