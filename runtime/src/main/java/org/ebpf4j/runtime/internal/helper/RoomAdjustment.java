package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.context.Skb;
import org.ebpf4j.runtime.internal.context.SkbContext;

/// `bpf_skb_adjust_room`: opens or closes a gap after the Ethernet header or after the network
/// header, for encapsulation.
///
/// Source: `bpf_skb_adjust_room`, `bpf_skb_net_grow` and `bpf_skb_net_shrink` in Linux 6.12's
/// `net/core/filter.c`.
final class RoomAdjustment {
  private static final int AFTER_NETWORK = 0;
  private static final int AFTER_ETHERNET = 1;
  private static final int MOST = 0xfff;

  private static final long FIXED_GSO = 1;
  private static final long ENCAP_IPV4 = 1 << 1;
  private static final long ENCAP_IPV6 = 1 << 2;
  private static final long ENCAP_GRE = 1 << 3;
  private static final long ENCAP_UDP = 1 << 4;
  private static final long NO_CHECKSUM_RESET = 1 << 5;
  private static final long ENCAP_ETHERNET = 1 << 6;
  private static final long DECAP_IPV4 = 1 << 7;
  private static final long DECAP_IPV6 = 1 << 8;
  private static final long ENCAP = ENCAP_IPV4 | ENCAP_IPV6;
  private static final long DECAP = DECAP_IPV4 | DECAP_IPV6;
  private static final int INNER_MAC_SHIFT = 56;
  private static final long INNER_MAC = 0xffL << INNER_MAC_SHIFT;
  private static final long SHRINKING = FIXED_GSO | DECAP | NO_CHECKSUM_RESET;
  private static final long KNOWN =
      SHRINKING | ENCAP | ENCAP_GRE | ENCAP_UDP | ENCAP_ETHERNET | INNER_MAC;

  private static final int ETHERNET = 14;

  private RoomAdjustment() {}

  /// 0 or a negated errno.
  static int adjust(SkbContext skb, int difference, int mode, long flags) {
    int protocol = skb.protocol();
    if ((flags & ~KNOWN) != 0) {
      return Errno.EINVAL.negated();
    }
    if (difference > MOST || difference < -MOST) {
      return Errno.EFAULT.negated();
    }
    if ((protocol != Skb.IPV4 && protocol != Skb.IPV6)
        || (mode != AFTER_NETWORK && mode != AFTER_ETHERNET)) {
      return Errno.ENOTSUPP.negated();
    }
    int header = protocol == Skb.IPV4 ? 20 : 40;
    int offset = skb.networkOffset() - skb.macOffset() + (mode == AFTER_NETWORK ? header : 0);
    return difference < 0
        ? shrink(skb, offset, -difference, header, flags)
        : grow(skb, offset, difference, flags);
  }

  private static int shrink(SkbContext skb, int offset, int bytes, int header, long flags) {
    long decap = flags & DECAP;
    if (decap == DECAP) {
      return Errno.EINVAL.negated();
    }
    int least = decap == DECAP_IPV4 ? 20 : decap == DECAP_IPV6 ? 40 : header;
    int length = skb.buffer().length() - skb.networkOffset();
    if (bytes >= length || length - bytes < least) {
      return Errno.ENOTSUPP.negated();
    }
    if ((flags & ~SHRINKING) != 0) {
      return Errno.EINVAL.negated();
    }
    if (offset + bytes > skb.buffer().length()) {
      return Errno.ENOMEM.negated();
    }
    skb.buffer().insert(offset, -bytes);
    if (decap != 0) {
      skb.setProtocol(decap == DECAP_IPV4 ? Skb.IPV4 : Skb.IPV6);
    }
    skb.moved();
    return 0;
  }

  private static int grow(SkbContext skb, int offset, int bytes, long flags) {
    if ((flags & DECAP) != 0) {
      return Errno.EINVAL.negated();
    }
    if (!skb.fits(skb.buffer().length() + bytes)) {
      return Errno.ENOTSUPP.negated();
    }
    if ((flags & ENCAP) != 0) {
      int error = encapsulate(skb, bytes, flags);
      if (error != 0) {
        return error;
      }
    }
    if (offset > skb.buffer().length()) {
      return Errno.EFAULT.negated();
    }
    skb.buffer().insert(offset, bytes);
    if ((flags & ENCAP) != 0) {
      skb.setEncapsulated();
      skb.setProtocol((flags & ENCAP_IPV4) != 0 ? Skb.IPV4 : Skb.IPV6);
    }
    skb.moved();
    return 0;
  }

  private static int encapsulate(SkbContext skb, int bytes, long flags) {
    int innerMac = (int) (flags >>> INNER_MAC_SHIFT);
    if ((flags & ENCAP) == ENCAP
        || (flags & (ENCAP_GRE | ENCAP_UDP)) == (ENCAP_GRE | ENCAP_UDP)
        || ((flags & ENCAP_ETHERNET) != 0 && innerMac < ETHERNET)) {
      return Errno.EINVAL.negated();
    }
    if (skb.encapsulated()) {
      return Errno.EALREADY.negated();
    }
    return innerMac > bytes ? Errno.EINVAL.negated() : 0;
  }
}
