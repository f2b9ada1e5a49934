package org.ebpf4j.runtime.internal.helper;

import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.ConnectionTable;
import org.ebpf4j.runtime.ConnectionTable.Connection;
import org.ebpf4j.runtime.ConnectionTable.Entry;
import org.ebpf4j.runtime.ConnectionTable.Flow;
import org.ebpf4j.runtime.ConnectionTable.Found;
import org.ebpf4j.runtime.IpAddress;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Run;
import org.jspecify.annotations.Nullable;

/// Connections of the environment (conntrack). Of times, programs see milliseconds, as with a
/// kernel of 1000 ticks a second.
///
/// Source: `net/netfilter/nf_conntrack_bpf.c` and `nf_conntrack_core.c` of Linux 6.18.
enum ConnectionFunctions implements HelperBody {
  BPF_XDP_CT_LOOKUP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return lookup(run, b, c, d, e);
    }
  },

  BPF_SKB_CT_LOOKUP {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return lookup(run, b, c, d, e);
    }
  },

  BPF_XDP_CT_ALLOC {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return allocate(run, b, c, d, e);
    }
  },

  BPF_SKB_CT_ALLOC {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return allocate(run, b, c, d, e);
    }
  },

  /// The connection itself, now in the table, or 0 if there is one already.
  BPF_CT_INSERT_ENTRY {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      ConnectionHold hold = ConnectionHold.at(run, a);
      Connection made = hold.current();
      Entry entry = hold.entry();
      long expires = run.environment().monotonicNanos() + hold.lifetime();
      Connection confirmed =
          new Connection(
              made.zone(),
              made.original(),
              made.reply(),
              made.mark(),
              made.status() | ConnectionTable.CONFIRMED,
              expires);
      entry.replace(made, confirmed);
      if (!run.environment().connections().add(entry)) {
        hold.end(run);
        return 0;
      }
      hold.show(run);
      return a;
    }
  },

  BPF_CT_RELEASE {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      if (a != 0) {
        ConnectionHold.at(run, a).end(run);
      }
      return 0;
    }
  },

  BPF_CT_SET_TIMEOUT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      ConnectionHold hold = ConnectionHold.at(run, a);
      hold.current();
      hold.setLifetime(run, (b & MILLIS) * MILLISECOND);
      return 0;
    }
  },

  BPF_CT_CHANGE_TIMEOUT {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      ConnectionHold hold = ConnectionHold.at(run, a);
      Connection before = hold.current();
      if ((before.status() & FIXED_TIMEOUT) != 0) {
        return Errno.EPERM.negated();
      }
      long expires = run.environment().monotonicNanos() + (b & MILLIS) * MILLISECOND;
      change(run, hold, before, before.status(), expires);
      return 0;
    }
  },

  BPF_CT_SET_STATUS {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return status(run, a, b);
    }
  },

  BPF_CT_CHANGE_STATUS {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      return status(run, a, b);
    }
  },

  /// Replies go to, or come from, another address.
  BPF_CT_SET_NAT_INFO {
    @Override
    public long call(Run run, long a, long b, long c, long d, long e) {
      ConnectionHold hold = ConnectionHold.at(run, a);
      Connection before = hold.current();
      int port = (int) c;
      if (port < 0 || port > MOST_PORT || (d != SOURCE && d != DESTINATION)) {
        return Errno.EINVAL.negated();
      }
      Flow reply = before.reply();
      int bytes = reply.source().version() == 4 ? IPV4 : IPV6;
      IpAddress address = IpAddress.of(Memory.bytes(b, bytes));
      Flow translated =
          d == SOURCE
              ? new Flow(reply.protocol(), reply.source(), reply.sourcePort(), address, port)
              : new Flow(
                  reply.protocol(), address, port, reply.destination(), reply.destinationPort());
      long done = d == SOURCE ? SOURCE_TRANSLATED : DESTINATION_TRANSLATED;
      if ((before.status() & (done & TRANSLATION_DONE)) != 0) {
        return Errno.EINVAL.negated();
      }
      Connection after =
          new Connection(
              before.zone(),
              before.original(),
              translated,
              before.mark(),
              before.status() | done,
              before.expires());
      hold.entry().replace(before, after);
      hold.show(run);
      return 0;
    }
  };

  private static final long MILLISECOND = 1_000_000;
  private static final long MILLIS = 0xffff_ffffL;

  // `struct bpf_ct_opts`.
  private static final int NAMESPACE = 0;
  private static final int ERROR = 4;
  private static final int PROTOCOL = 8;
  private static final int DIRECTION = 9;
  private static final int ZONE = 10;
  private static final int RESERVED = 13;
  private static final int RESERVED_BYTES = 3;
  private static final int OPTION_BYTES = 16;
  private static final int OLD_OPTION_BYTES = 12;

  private static final int TCP = 6;
  private static final int UDP = 17;
  private static final int IPV4 = 4;
  private static final int IPV6 = 16;
  private static final int IPV4_TUPLE = 12;
  private static final int IPV6_TUPLE = 36;
  private static final int MOST_PORT = 0xffff;

  /// `NF_NAT_MANIP_SRC`, `NF_NAT_MANIP_DST`.
  private static final long SOURCE = 0;

  private static final long DESTINATION = 1;

  // Bits of `enum ip_conntrack_status`.
  private static final long SEEN_REPLY = 1 << 1;
  private static final long ASSURED = 1 << 2;
  private static final long SOURCE_TRANSLATED = 1 << 4 | 1 << 7;
  private static final long DESTINATION_TRANSLATED = 1 << 5 | 1 << 8;
  private static final long TRANSLATION_DONE = 1 << 7 | 1 << 8;
  private static final long FIXED_TIMEOUT = 1 << 10;

  /// `IPS_EXPECTED`, `IPS_CONFIRMED`, `IPS_DYING`.
  private static final long FIXED = 1 | ConnectionTable.CONFIRMED | 1 << 9;

  /// `IPS_UNCHANGEABLE_MASK`.
  private static final long UNCHANGEABLE =
      FIXED | SOURCE_TRANSLATED | DESTINATION_TRANSLATED | 1 << 6 | 1 << 11 | 1 << 12 | 3 << 14;

  /// `BPF_F_CURRENT_NETNS`.
  private static final int CURRENT_NAMESPACE = -1;

  /// What a program without a timeout of its own gives a connection.
  private static final long LIFETIME = 10_000 * MILLISECOND;

  private static long lookup(Run run, long tuple, long tupleSize, long options, long size) {
    Errno refusal = refusal(tuple, tupleSize, options, size);
    if (refusal != null) {
      return failed(options, size, refusal);
    }
    Optional<Found> found =
        run.environment()
            .connections()
            .find(
                zone(options, size),
                flow(tuple, tupleSize, protocol(options)),
                run.environment().monotonicNanos());
    if (found.isEmpty()) {
      return failed(options, size, Errno.ENOENT);
    }
    Memory.putByte(options + DIRECTION, (byte) (found.get().reply() ? 1 : 0));
    long given = ConnectionHold.give(run, found.get().entry(), 0);
    return given == 0 ? failed(options, size, Errno.ENOMEM) : given;
  }

  private static long allocate(Run run, long tuple, long tupleSize, long options, long size) {
    Errno refusal = refusal(tuple, tupleSize, options, size);
    if (refusal != null) {
      return failed(options, size, refusal);
    }
    Flow flow = flow(tuple, tupleSize, protocol(options));
    Connection made =
        new Connection(zone(options, size), flow, flow.reversed(), 0, 0, Long.MAX_VALUE);
    long given = ConnectionHold.give(run, new Entry(made), LIFETIME);
    return given == 0 ? failed(options, size, Errno.ENOMEM) : given;
  }

  /// Why there is no answer, or `null`.
  private static @Nullable Errno refusal(long tuple, long tupleSize, long options, long size) {
    if (tuple == 0 || options == 0 || (size != OPTION_BYTES && size != OLD_OPTION_BYTES)) {
      return Errno.EINVAL;
    }
    boolean reserved = size == OLD_OPTION_BYTES && Memory.getShort(options + ZONE) != 0;
    for (int i = 0; size == OPTION_BYTES && i < RESERVED_BYTES; i++) {
      reserved |= Memory.getByte(options + RESERVED + i) != 0;
    }
    int namespace = Memory.getInt(options + NAMESPACE);
    if (reserved || namespace < CURRENT_NAMESPACE) {
      return Errno.EINVAL;
    }
    if (protocol(options) != TCP && protocol(options) != UDP) {
      return Errno.EPROTO;
    }
    if (tupleSize != IPV4_TUPLE && tupleSize != IPV6_TUPLE) {
      return Errno.EAFNOSUPPORT;
    }
    return namespace == CURRENT_NAMESPACE ? null : Errno.ENONET;
  }

  private static long failed(long options, long size, Errno error) {
    if (options != 0 && size >= ERROR + Integer.BYTES) {
      Memory.putInt(options + ERROR, error.negated());
    }
    return 0;
  }

  private static int protocol(long options) {
    return Memory.getByte(options + PROTOCOL) & 0xff;
  }

  private static int zone(long options, long size) {
    return size == OPTION_BYTES ? Memory.getShort(options + ZONE) & 0xffff : 0;
  }

  private static Flow flow(long tuple, long size, int protocol) {
    int bytes = size == IPV4_TUPLE ? IPV4 : IPV6;
    long ports = tuple + 2L * bytes;
    return new Flow(
        protocol,
        IpAddress.of(Memory.bytes(tuple, bytes)),
        Short.reverseBytes(Memory.getShort(ports)) & 0xffff,
        IpAddress.of(Memory.bytes(tuple + bytes, bytes)),
        Short.reverseBytes(Memory.getShort(ports + Short.BYTES)) & 0xffff);
  }

  private static long status(Run run, long address, long wanted) {
    ConnectionHold hold = ConnectionHold.at(run, address);
    Connection before = hold.current();
    long status = wanted & 0xffff_ffffL;
    long changed = before.status() ^ status;
    long lost = changed & before.status();
    if ((changed & FIXED) != 0 || (lost & (SEEN_REPLY | ASSURED)) != 0) {
      return Errno.EBUSY.negated();
    }
    change(run, hold, before, before.status() | (status & ~UNCHANGEABLE), before.expires());
    return 0;
  }

  private static void change(
      Run run, ConnectionHold hold, Connection before, long status, long expires) {
    hold.entry()
        .replace(
            before,
            new Connection(
                before.zone(), before.original(), before.reply(), before.mark(), status, expires));
    hold.show(run);
  }
}
