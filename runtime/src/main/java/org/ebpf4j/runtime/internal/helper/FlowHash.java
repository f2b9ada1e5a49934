package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.runtime.internal.context.PacketBuffer;
import org.ebpf4j.runtime.internal.context.Skb;
import org.ebpf4j.runtime.internal.context.SkbContext;
import org.ebpf4j.runtime.internal.memory.Memory;

/// A hash of a packet's flow: addresses, protocol and ports. Linux's is keyed with a random number
/// at each boot; this one is the same always, and never 0.
final class FlowHash {
  private static final long MULTIPLIER = 0x9e37_79b9_7f4a_7c15L;
  private static final int TCP = 6;
  private static final int UDP = 17;

  private FlowHash() {}

  static int of(SkbContext skb) {
    PacketBuffer packet = skb.buffer();
    int network = skb.networkOffset();
    long header = packet.data() + network;
    long hash = skb.protocol();
    int protocol = 0;
    int transport = 0;
    if (skb.protocol() == Skb.IPV4 && packet.contains(network, 20)) {
      hash = mix(hash, Memory.getLong(header + 12));
      protocol = Memory.getByte(header + 9);
      transport = network + (Memory.getByte(header) & 0xf) * 4;
    } else if (skb.protocol() == Skb.IPV6 && packet.contains(network, 40)) {
      for (int i = 8; i < 40; i += Long.BYTES) {
        hash = mix(hash, Memory.getLong(header + i));
      }
      protocol = Memory.getByte(header + 6);
      transport = network + 40;
    }
    hash = mix(hash, protocol);
    if ((protocol == TCP || protocol == UDP) && packet.contains(transport, 4)) {
      hash = mix(hash, Memory.getInt(packet.data() + transport));
    }
    int folded = (int) (hash ^ (hash >>> 32));
    return folded == 0 ? 1 : folded;
  }

  private static long mix(long hash, long value) {
    long mixed = (hash ^ value) * MULTIPLIER;
    return mixed ^ (mixed >>> 29);
  }
}
