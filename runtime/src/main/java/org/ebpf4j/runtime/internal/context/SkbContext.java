package org.ebpf4j.runtime.internal.context;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;

/// `struct __sk_buff` and its packet, as `BPF_PROG_TEST_RUN` builds it: received on the loopback
/// device or the one that the caller's context names, all of it linear.
///
/// Callers give Ethernet frames. Traffic-control programs see the whole frame; the others see it
/// from the network header on. The Ethernet header comes back unchanged (Linux's test run gives
/// zeros there).
///
/// Source: `bpf_prog_test_run_skb`, `convert___skb_to_skb` in Linux 6.12's `net/bpf/test_run.c`.
public final class SkbContext extends PacketContext {
  private static final int HEADROOM = 256;
  private static final int TAILROOM = 1 << 16;
  private static final int LOOPBACK = 1;
  private static final int GSO_LEGACY_MAX_SIZE = 65536;
  private static final int GSO_MAX_SEGS = 65535;

  /// `BPF_SKB_MAX_LEN`: programs may make no packet longer, segmented ones aside.
  private static final int MOST_BYTES = 16384 - 320;

  /// How much longer an IPv6 header is than an IPv4 header.
  private static final int IP_DIFFERENCE = 20;

  /// What callers may set: `mark`, `priority` to `ifindex`, `cb`, `tstamp` to `gso_segs`,
  /// `gso_size`, `hwtstamp`; from, to.
  private static final int[] SETTABLE = {
    Skb.MARK,
    Skb.MARK + 4,
    Skb.PRIORITY,
    Skb.TC_INDEX,
    Skb.CB,
    Skb.HASH,
    Skb.TSTAMP,
    Skb.SK,
    Skb.GSO_SIZE,
    Skb.TSTAMP_TYPE,
    Skb.HWTSTAMP,
    Skb.SIZE
  };

  /// `sizeof(struct bpf_tunnel_key)`.
  public static final int TUNNEL_KEY_BYTES = 44;

  /// `IP_TUNNEL_OPTS_MAX`.
  public static final int TUNNEL_OPTION_BYTES = 255;

  private final long tunnelKey = arena().allocate(TUNNEL_KEY_BYTES, Integer.BYTES).address();
  private final long tunnelOption = arena().allocate(TUNNEL_OPTION_BYTES + 1, 4).address();
  private final Framing framing;

  /// Whether the Ethernet header has been taken off in front.
  private boolean pulled;

  /// `SKF_NET_OFF` and `SKF_LL_OFF` in Linux 6.18's `include/uapi/linux/filter.h`.
  private static final int NETWORK_HEADER = -0x100000;

  private static final int LINK_LAYER_HEADER = -0x200000;

  private int networkOffset;
  private int macOffset;
  private boolean encapsulated;
  private int tunnelVersion;
  private int tunnelOptions;

  /// How much of a frame programs see.
  public enum Framing {
    /// All of it.
    ETHERNET,
    /// From the network header on; callers give the Ethernet header too.
    NETWORK,
    /// A stream's bytes, without any header; callers give no more either.
    PAYLOAD
  }

  /// @param framing what of a frame the program sees
  public SkbContext(ProgramTypes.Row type, Framing framing, int packetLimit) {
    super(type, packetLimit, HEADROOM, TAILROOM);
    this.framing = framing;
  }

  @Override
  public void accept(String program, RunInput input) {
    super.accept(program, input);
    pulled = false;
    int wire = Memory.getInt(address() + Skb.WIRE_LEN);
    if (!onlySettable()
        || (wire != 0 && (wire < visible(input.data().length) || wire > GSO_LEGACY_MAX_SIZE))
        || Integer.compareUnsigned(Memory.getInt(address() + Skb.GSO_SEGS), GSO_MAX_SEGS) > 0) {
      throw new RunException(
          program,
          Errno.EINVAL,
          "of struct __sk_buff, mark, priority, ingress_ifindex, ifindex, cb, tstamp, wire_len (not"
              + " less than the packet), gso_segs, gso_size and hwtstamp may be set; the rest is"
              + " 0");
    }
    if (framing != Framing.PAYLOAD) {
      checkNetworkHeader(program);
    }
  }

  private boolean onlySettable() {
    int from = 0;
    for (int i = 0; i < SETTABLE.length; i += 2) {
      if (!zero(from, SETTABLE[i])) {
        return false;
      }
      from = SETTABLE[i + 1];
    }
    return true;
  }

  private boolean zero(int from, int to) {
    for (int offset = from; offset < to; offset++) {
      if (Memory.getByte(address() + offset) != 0) {
        return false;
      }
    }
    return true;
  }

  private void checkNetworkHeader(String program) {
    long frame = buffer().data();
    int header =
        switch ((int) bigEndian(frame + 12, 2)) {
          case Skb.IPV4 -> 20;
          case Skb.IPV6 -> 40;
          default -> 0;
        };
    if (buffer().length() - ETHERNET < header) {
      throw new RunException(
          program,
          Errno.EINVAL,
          "a frame of %d bytes is too short for its IP header".formatted(buffer().length()));
    }
  }

  private int visible(int length) {
    return framing == Framing.NETWORK ? length - ETHERNET : length;
  }

  @Override
  protected int least() {
    return framing == Framing.PAYLOAD ? 0 : ETHERNET;
  }

  @Override
  public MemorySegment packetBuffer(String program, int length) {
    MemorySegment segment = super.packetBuffer(program, length);
    pulled = false;
    forget();
    return segment;
  }

  /// A new packet has nothing of the one before: no mark, no tag, nothing in `cb`. Written through
  /// the segment, for the runner may be closed by now.
  private void forget() {
    MemorySegment struct = struct();
    for (int field = 0; field < Skb.SIZE; field += Long.BYTES) {
      struct.set(ValueLayout.JAVA_LONG, field, 0);
    }
  }

  @Override
  public MemorySegment packet() {
    return pulled && buffer().headroom() >= ETHERNET
        ? buffer().segmentFrom(-ETHERNET)
        : super.packet();
  }

  /// As classic BPF has it, offsets from `SKF_NET_OFF` and `SKF_LL_OFF` on count from the network
  /// and the link-layer header (`bpf_internal_load_pointer_neg_helper` in Linux 6.18's
  /// `kernel/bpf/core.c`).
  @Override
  public long loadPacket(int offset, int size) {
    if (offset >= 0) {
      return super.loadPacket(offset, size);
    }
    long place =
        offset >= NETWORK_HEADER
            ? networkOffset + (long) offset - NETWORK_HEADER
            : macOffset + (long) offset - LINK_LAYER_HEADER;
    boolean inside =
        offset >= LINK_LAYER_HEADER
            && place >= -buffer().headroom()
            && place + size <= buffer().length();
    return inside ? bigEndian(buffer().data() + place, size) : -1;
  }

  @Override
  public void begin() {
    super.begin();
    long skb = address();
    PacketBuffer packet = buffer();
    if (!pulled) {
      if (framing != Framing.PAYLOAD) {
        describeFrame(packet.data(), packet.length());
      }
      if (Memory.getInt(skb + Skb.WIRE_LEN) == 0) {
        Memory.putInt(skb + Skb.WIRE_LEN, visible(packet.length()));
      }
      if (framing == Framing.NETWORK && packet.length() >= ETHERNET) {
        packet.moveStart(ETHERNET);
        pulled = true;
      }
    }
    networkOffset = framing == Framing.ETHERNET ? ETHERNET : 0;
    macOffset = framing == Framing.PAYLOAD ? 0 : networkOffset - ETHERNET;
    tunnelOptions = 0;
    encapsulated = false;
    tunnelVersion = 0;
    if (Memory.getInt(skb + Skb.IFINDEX) == 0) {
      Memory.putInt(skb + Skb.IFINDEX, LOOPBACK);
    }
    moved();
  }

  /// What `eth_type_trans` finds, and the addresses of the socket that the test run makes up.
  private void describeFrame(long frame, int length) {
    long skb = address();
    int type = (int) bigEndian(frame + 12, 2);
    int protocol = type >= 0x600 ? type : length < ETHERNET + 2 ? 4 : lengthFrame(frame);
    Memory.putInt(skb + Skb.PROTOCOL, Short.reverseBytes((short) protocol) & 0xffff);
    Memory.putInt(skb + Skb.PKT_TYPE, packetType(frame));
    Memory.putInt(skb + Skb.HASH, 0);
    // Word by word, here and below: calls that fill and copy take longer than all of this.
    for (int field = Skb.FAMILY; field < Skb.DATA_META; field += Integer.BYTES) {
      Memory.putInt(skb + field, 0);
    }
    long network = frame + ETHERNET;
    if (protocol == Skb.IPV4 && length >= ETHERNET + 20) {
      Memory.putInt(skb + Skb.FAMILY, 2);
      Memory.putInt(skb + Skb.LOCAL_IP4, Memory.getInt(network + 12));
      Memory.putInt(skb + Skb.REMOTE_IP4, Memory.getInt(network + 16));
    } else if (protocol == Skb.IPV6 && length >= ETHERNET + 40) {
      Memory.putInt(skb + Skb.FAMILY, 10);
      copyAddress(network + 8, skb + Skb.LOCAL_IP6);
      copyAddress(network + 24, skb + Skb.REMOTE_IP6);
    }
  }

  private static void copyAddress(long from, long to) {
    Memory.putLong(to, Memory.getLong(from));
    Memory.putLong(to + 8, Memory.getLong(from + 8));
  }

  /// `ETH_P_802_3` or `ETH_P_802_2`, for frames whose type is a length.
  private static int lengthFrame(long frame) {
    return Memory.getShort(frame + ETHERNET) == -1 ? 1 : 4;
  }

  /// `PACKET_HOST` (0), `_BROADCAST`, `_MULTICAST` or `_OTHERHOST`; loopback's address is all
  /// zeros.
  private static int packetType(long frame) {
    int high = Memory.getInt(frame);
    int low = Memory.getShort(frame + 4) & 0xffff;
    if ((high & 1) != 0) {
      return high == -1 && low == 0xffff ? 1 : 2;
    }
    return high == 0 && low == 0 ? 0 : 3;
  }

  /// Where the network header begins, from the packet's first byte.
  public int networkOffset() {
    return networkOffset;
  }

  /// Where the Ethernet header lies, from the packet's first byte; before it where programs do not
  /// see it.
  public int macOffset() {
    return macOffset;
  }

  /// The EtherType of what the network header holds.
  public int protocol() {
    return Short.reverseBytes((short) field(Skb.PROTOCOL)) & 0xffff;
  }

  public void setProtocol(int type) {
    setField(Skb.PROTOCOL, Short.toUnsignedInt(Short.reverseBytes((short) type)));
  }

  /// Whether the program has said that the packet is inside another one.
  public boolean encapsulated() {
    return encapsulated;
  }

  public void setEncapsulated() {
    encapsulated = true;
  }

  /// The `struct bpf_tunnel_key` that the program has set, if [#tunnelVersion] is not 0.
  public long tunnelKey() {
    return tunnelKey;
  }

  /// The IP version of the tunnel, or 0 if the program has set none.
  public int tunnelVersion() {
    return tunnelVersion;
  }

  public void setTunnelVersion(int version) {
    tunnelVersion = version;
  }

  /// The options that the program has set for the tunnel, [#tunnelOptions] bytes of them.
  public long tunnelOption() {
    return tunnelOption;
  }

  public int tunnelOptions() {
    return tunnelOptions;
  }

  public void setTunnelOptions(int bytes) {
    tunnelOptions = bytes;
  }

  /// Whether a program may make the packet so long.
  public boolean fits(long length) {
    return length <= MOST_BYTES
        || (field(Skb.GSO_SIZE) != 0
            && buffer().hasRoom((int) Math.min(length - buffer().length(), Integer.MAX_VALUE)));
  }

  /// Adds zeros in front, where an Ethernet header then is (`bpf_skb_change_head`); 0 or a negated
  /// errno.
  public int changeHead(long bytes, long flags) {
    if (flags != 0 || !fits(buffer().length() + bytes)) {
      return Errno.EINVAL.negated();
    }
    buffer().insert(0, (int) bytes);
    networkOffset += (int) bytes;
    macOffset = 0;
    pulled = false;
    moved();
    return 0;
  }

  /// Puts a network header in front, between the Ethernet header, which programs do not see and
  /// which stays as it is, and the packet.
  ///
  /// @param header its address
  /// @return whether there was room
  public boolean pushNetworkHeader(long header, int length) {
    int hidden = pulled && buffer().headroom() >= ETHERNET ? ETHERNET : 0;
    if (!buffer().hasRoom(hidden + length)) {
      return false;
    }
    buffer().moveStart(-hidden);
    buffer().insert(hidden, length);
    buffer().moveStart(hidden);
    Memory.copy(header, buffer().data(), length);
    networkOffset = 0;
    moved();
    return true;
  }

  /// Cuts the packet or adds zeros behind (`bpf_skb_change_tail`); 0 or a negated errno.
  public int changeTail(long length, long flags) {
    if (flags != 0 || length > MOST_BYTES || length < networkOffset) {
      return Errno.EINVAL.negated();
    }
    if (encapsulated) {
      return Errno.ENOTSUPP.negated();
    }
    buffer().moveEnd((int) length - buffer().length());
    setField(Skb.GSO_SIZE, 0);
    setField(Skb.GSO_SEGS, 0);
    moved();
    return 0;
  }

  /// Makes room for the header of the other IP version, or takes it away (`bpf_skb_change_proto`);
  /// 0 or a negated errno.
  ///
  /// @param to the EtherType in network order
  public int changeProtocol(short to) {
    int type = Short.reverseBytes(to) & 0xffff;
    boolean grow = protocol() == Skb.IPV4 && type == Skb.IPV6;
    boolean shrink = protocol() == Skb.IPV6 && type == Skb.IPV4;
    if (!grow && !shrink) {
      return Errno.ENOTSUPP.negated();
    }
    int header = networkOffset - macOffset;
    if (shrink
        ? header + IP_DIFFERENCE > buffer().length()
        : header > buffer().length() || !buffer().hasRoom(IP_DIFFERENCE)) {
      return Errno.ENOMEM.negated();
    }
    buffer().insert(header, grow ? IP_DIFFERENCE : -IP_DIFFERENCE);
    setProtocol(type);
    setField(Skb.HASH, 0);
    moved();
    return 0;
  }

  /// A 32-bit field of the struct, by the constants of [Skb].
  public int field(int offset) {
    return Memory.getInt(address() + offset);
  }

  public void setField(int offset, int value) {
    Memory.putInt(address() + offset, value);
  }

  @Override
  public void moved() {
    super.moved();
    Memory.putInt(address() + Skb.LEN, buffer().length());
  }
}
