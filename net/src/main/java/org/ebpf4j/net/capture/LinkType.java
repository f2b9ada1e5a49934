package org.ebpf4j.net.capture;

/// What kind of header the packets of an interface begin with.
///
/// @param number the LINKTYPE_ value of the IANA registry "PCAP LINKTYPE List", 0 to 65535
public record LinkType(int number) {
  /// No header but the address family as a 32-bit number: BSD loopback.
  public static final LinkType NULL = new LinkType(0);

  public static final LinkType ETHERNET = new LinkType(1);

  /// No header: the packet begins with IPv4 or IPv6.
  public static final LinkType RAW = new LinkType(101);

  /// Linux "cooked" capture, as `tcpdump -i any` writes it.
  public static final LinkType LINUX_SLL = new LinkType(113);

  public static final LinkType IPV4 = new LinkType(228);

  public static final LinkType IPV6 = new LinkType(229);

  /// Linux "cooked" capture, version 2.
  public static final LinkType LINUX_SLL2 = new LinkType(276);

  public LinkType {
    if (number < 0 || number > 0xffff) {
      throw new IllegalArgumentException("a link type is 0 to 65535, not " + number);
    }
  }

  /// Such as "Ethernet", or "link type 147" for one without a name here.
  @Override
  public String toString() {
    return switch (number) {
      case 0 -> "BSD loopback";
      case 1 -> "Ethernet";
      case 101 -> "raw IP";
      case 113 -> "Linux cooked";
      case 228 -> "raw IPv4";
      case 229 -> "raw IPv6";
      case 276 -> "Linux cooked v2";
      default -> "link type " + number;
    };
  }
}
