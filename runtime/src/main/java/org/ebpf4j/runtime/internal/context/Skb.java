package org.ebpf4j.runtime.internal.context;

/// Offsets of fields in `struct __sk_buff` (Linux 6.18's `include/uapi/linux/bpf.h`), and the
/// EtherTypes that matter to it.
public final class Skb {
  public static final int LEN = 0;
  public static final int PKT_TYPE = 4;
  public static final int MARK = 8;
  public static final int QUEUE_MAPPING = 12;
  public static final int PROTOCOL = 16;
  public static final int VLAN_PRESENT = 20;
  public static final int VLAN_TCI = 24;
  public static final int VLAN_PROTO = 28;
  public static final int PRIORITY = 32;
  public static final int INGRESS_IFINDEX = 36;
  public static final int IFINDEX = 40;
  public static final int TC_INDEX = 44;
  public static final int CB = 48;
  public static final int HASH = 68;
  public static final int TC_CLASSID = 72;
  public static final int FAMILY = 88;
  public static final int REMOTE_IP4 = 92;
  public static final int LOCAL_IP4 = 96;
  public static final int REMOTE_IP6 = 100;
  public static final int LOCAL_IP6 = 116;
  public static final int DATA_META = 140;
  public static final int TSTAMP = 152;
  public static final int WIRE_LEN = 160;
  public static final int GSO_SEGS = 164;
  public static final int SK = 168;
  public static final int GSO_SIZE = 176;
  public static final int TSTAMP_TYPE = 180;
  public static final int HWTSTAMP = 184;
  public static final int SIZE = 192;

  public static final int IPV4 = 0x0800;
  public static final int IPV6 = 0x86dd;
  public static final int VLAN = 0x8100;
  public static final int VLAN_SERVICE = 0x88a8;

  private Skb() {}
}
