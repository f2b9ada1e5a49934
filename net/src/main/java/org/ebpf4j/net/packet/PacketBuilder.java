package org.ebpf4j.net.packet;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Builds a packet header by header, from the outside in. Lengths, types and checksums follow from
/// what is put together.
///
/// ```java
/// byte[] frame =
///     PacketBuilder.ethernet("02:00:00:00:00:01", "02:00:00:00:00:02")
///         .vlan(100)
///         .ipv4("192.0.2.1", "198.51.100.1")
///         .tcp(40000, 80, TcpFlag.SYN)
///         .build();
/// ```
///
/// A header changes by the methods that name its fields, called after it was added. What makes no
/// packet, such as TCP directly in Ethernet, is an [IllegalStateException]; a field's value out of
/// its range is an [IllegalArgumentException].
public final class PacketBuilder {
  private static final int VLAN_TAG = 0x8100;
  private static final int SERVICE_TAG = 0x88a8;
  private static final int MORE_FRAGMENTS = 0x2000;
  private static final int DEFAULT_HOP_LIMIT = 64;
  private static final int DEFAULT_WINDOW = 65_535;

  /// For a payload that nobody has named: RFC 3692 section 2.1 keeps these for experiments.
  private static final int EXPERIMENTAL_PROTOCOL = 253;

  private static final int EXPERIMENTAL_ETHER_TYPE = 0x88b5;

  private static final int MAX_PACKET = 65_535;

  private final List<Layer> layers = new ArrayList<>();
  private byte[] payload = {};

  private PacketBuilder() {}

  /// Begins with an Ethernet header.
  ///
  /// @param source an address such as `02:00:00:00:00:01`
  public static PacketBuilder ethernet(String source, String destination) {
    return new PacketBuilder().add(EthernetLayer.of(source, destination));
  }

  /// Begins without a link layer: the packet's first header is IP.
  public static PacketBuilder raw() {
    return new PacketBuilder();
  }

  /// Adds an 802.1Q tag.
  ///
  /// @param identifier 0 to 4095
  public PacketBuilder vlan(int identifier) {
    return add(new VlanLayer(VLAN_TAG, identifier));
  }

  /// Adds an 802.1ad tag, the outer one of two.
  ///
  /// @param identifier 0 to 4095
  public PacketBuilder serviceVlan(int identifier) {
    return add(new VlanLayer(SERVICE_TAG, identifier));
  }

  /// Adds an IPv4 header; after another IP header it makes a tunnel.
  ///
  /// @param source an address such as `192.0.2.1`
  public PacketBuilder ipv4(String source, String destination) {
    return add(
        new Ipv4Layer(
            address(Inet4Address.class, source),
            address(Inet4Address.class, destination),
            0,
            0,
            0,
            DEFAULT_HOP_LIMIT,
            OptionalInt.empty()));
  }

  /// Adds an IPv6 header.
  ///
  /// @param source an address such as `2001:db8::1`
  public PacketBuilder ipv6(String source, String destination) {
    return add(
        new Ipv6Layer(
            address(Inet6Address.class, source),
            address(Inet6Address.class, destination),
            0,
            0,
            DEFAULT_HOP_LIMIT,
            OptionalInt.empty()));
  }

  /// Sets the time to live, or hop limit, of the IP header just added: 0 to 255.
  public PacketBuilder hopLimit(int hopLimit) {
    return replace(last(IpLayer.class).withHopLimit(hopLimit));
  }

  /// Sets the type of service, or traffic class, of the IP header just added: 0 to 255.
  public PacketBuilder trafficClass(int trafficClass) {
    return replace(last(IpLayer.class).withTrafficClass(trafficClass));
  }

  /// Sets the flow label of the IPv6 header just added: 20 bits.
  public PacketBuilder flowLabel(int flowLabel) {
    return replace(last(Ipv6Layer.class).withFlowLabel(flowLabel));
  }

  /// Says what the IP header just added carries where no header follows that is known here, such as
  /// 17 for the payload of a later fragment of UDP.
  public PacketBuilder protocol(int protocol) {
    return replace(
        last(IpLayer.class).withProtocolOfPayload(require(protocol, 0, 255, "a protocol")));
  }

  /// Sets identification and flags of the IPv4 header just added.
  ///
  /// @param identification 0 to 65535
  /// @param flags the three bits above the offset, such as 2 for "don't fragment"
  public PacketBuilder identification(int identification, int flags) {
    return replace(
        last(Ipv4Layer.class)
            .withFragment(identification, require(flags, 0, 7, "a value of the flags") << 13));
  }

  /// Makes the packet a fragment: by fields of the IPv4 header just added, or by an extension
  /// header after the IPv6 header. A checksum inside is over this fragment alone.
  ///
  /// @param identification the same for all fragments of one packet
  /// @param offset in bytes, a multiple of 8
  /// @param more whether others come after this one
  public PacketBuilder fragment(int identification, int offset, boolean more) {
    if (offset < 0 || offset > 0xfff8 || offset % 8 != 0) {
      throw new IllegalArgumentException(
          "a fragment's offset is a multiple of 8 up to 65528, not " + offset);
    }
    return switch (last(IpLayer.class)) {
      case Ipv4Layer ipv4 ->
          replace(ipv4.withFragment(identification, (offset / 8) | (more ? MORE_FRAGMENTS : 0)));
      case Ipv6Layer _ -> add(ExtensionLayer.fragment(identification, offset | (more ? 1 : 0)));
    };
  }

  /// Adds an IPv6 extension header.
  ///
  /// @param type its protocol number: 0 hop-by-hop options, 43 routing, 60 destination options
  /// @param body all but its first two bytes: 6, 14, 22 … bytes
  public PacketBuilder extension(int type, byte... body) {
    return add(ExtensionLayer.of(type, body));
  }

  /// Adds a TCP header.
  public PacketBuilder tcp(int sourcePort, int destinationPort, TcpFlag... flags) {
    int bits = 0;
    for (TcpFlag flag : flags) {
      bits |= flag.bit();
    }
    return add(new TcpLayer(sourcePort, destinationPort, 0, 0, bits, DEFAULT_WINDOW, new byte[0]));
  }

  /// Sets the numbers of the TCP header just added, the low 32 bits of each.
  public PacketBuilder sequence(long sequence, long acknowledgment) {
    TcpLayer tcp = last(TcpLayer.class);
    return replace(
        new TcpLayer(
            tcp.sourcePort(),
            tcp.destinationPort(),
            (int) sequence,
            (int) acknowledgment,
            tcp.flags(),
            tcp.window(),
            tcp.options()));
  }

  /// Sets window and options of the TCP header just added.
  ///
  /// @param window 0 to 65535
  /// @param options 0, 4, … 40 bytes
  public PacketBuilder window(int window, byte... options) {
    TcpLayer tcp = last(TcpLayer.class);
    return replace(
        new TcpLayer(
            tcp.sourcePort(),
            tcp.destinationPort(),
            tcp.sequence(),
            tcp.acknowledgment(),
            tcp.flags(),
            window,
            options.clone()));
  }

  /// Adds a UDP header.
  public PacketBuilder udp(int sourcePort, int destinationPort) {
    return add(new UdpLayer(sourcePort, destinationPort));
  }

  /// Adds an ICMP header, or an ICMPv6 one where the IP header before it is IPv6.
  ///
  /// @param rest the four bytes after the checksum; in an echo, identifier and sequence number
  public PacketBuilder icmp(int type, int code, int rest) {
    boolean version6 = false;
    for (Layer layer : layers) {
      version6 = layer instanceof IpLayer ? layer instanceof Ipv6Layer : version6;
    }
    return add(new IcmpLayer(version6, type, code, rest));
  }

  /// Sets what comes after all headers.
  public PacketBuilder payload(byte... bytes) {
    payload = bytes.clone();
    return this;
  }

  /// Sets what comes after all headers, in UTF-8.
  public PacketBuilder payload(String text) {
    return payload(text.getBytes(StandardCharsets.UTF_8));
  }

  /// The packet's bytes.
  ///
  /// @throws IllegalStateException when a header cannot carry the next one, or the packet is longer
  ///   than IP can say
  public byte[] build() {
    int length = payload.length;
    for (Layer layer : layers) {
      length += layer.size();
    }
    if (length > MAX_PACKET) {
      throw new IllegalStateException("the packet has " + length + " bytes, over " + MAX_PACKET);
    }
    ByteBuffer packet = ByteBuffer.allocate(length);
    int[] starts = new int[layers.size()];
    for (int i = 0; i < layers.size(); i++) {
      starts[i] = packet.position();
      Layer layer = layers.get(i);
      layer.write(packet, announced(i), length - packet.position() - layer.size());
    }
    packet.put(payload);
    // Inner checksums first: an outer one may cover them.
    for (int i = layers.size() - 1; i >= 0; i--) {
      layers.get(i).seal(packet, starts[i], addressSumBelow(i));
    }
    return packet.array();
  }

  /// What the header at `index` says comes next.
  private int announced(int index) {
    Layer layer = layers.get(index);
    boolean link = layer instanceof EthernetLayer || layer instanceof VlanLayer;
    boolean carriesLayers = link || layer instanceof IpLayer || layer instanceof ExtensionLayer;
    if (index + 1 == layers.size()) {
      return link ? EXPERIMENTAL_ETHER_TYPE : protocolOfPayload();
    }
    Layer next = layers.get(index + 1);
    OptionalInt number = link ? next.etherType() : next.protocol();
    if (!carriesLayers || number.isEmpty()) {
      throw new IllegalStateException(name(next) + " cannot follow " + name(layer));
    }
    return number.getAsInt();
  }

  private int protocolOfPayload() {
    OptionalInt protocol = OptionalInt.empty();
    for (Layer layer : layers) {
      if (layer instanceof IpLayer ip) {
        protocol = ip.protocolOfPayload();
      }
    }
    return protocol.orElse(EXPERIMENTAL_PROTOCOL);
  }

  private long addressSumBelow(int index) {
    for (int i = index - 1; i >= 0; i--) {
      if (layers.get(i) instanceof IpLayer ip) {
        return ip.addressSum();
      }
    }
    return 0;
  }

  private PacketBuilder add(Layer layer) {
    layers.add(layer);
    return this;
  }

  private PacketBuilder replace(Layer layer) {
    layers.set(layers.size() - 1, layer);
    return this;
  }

  private <T extends Layer> T last(Class<T> kind) {
    if (layers.isEmpty() || !kind.isInstance(layers.getLast())) {
      throw new IllegalStateException(
          "the header just added is not " + name(kind) + ", which has that field");
    }
    return kind.cast(layers.getLast());
  }

  private static String name(Layer layer) {
    return name(layer.getClass());
  }

  private static String name(Class<?> kind) {
    return kind.getSimpleName().replace("Layer", "");
  }

  private static <T extends InetAddress> T address(Class<T> kind, String text) {
    // No name is looked up: this takes addresses alone.
    InetAddress address = InetAddress.ofLiteral(text);
    if (!kind.isInstance(address)) {
      throw new IllegalArgumentException(
          text + " is no " + (kind == Inet4Address.class ? "IPv4" : "IPv6") + " address");
    }
    return kind.cast(address);
  }

  static int require(int value, int least, int most, String what) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(what + " is " + least + " to " + most + ", not " + value);
    }
    return value;
  }

  static void requirePorts(int source, int destination) {
    require(source, 0, 0xffff, "a port");
    require(destination, 0, 0xffff, "a port");
  }
}
