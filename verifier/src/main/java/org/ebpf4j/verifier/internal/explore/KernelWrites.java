package org.ebpf4j.verifier.internal.explore;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfLayout;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.types.StructWalk;

/// The few members of kernel objects that programs of some types may write. Sources:
/// `bpf_tcp_ca_btf_struct_access` in Linux's `net/ipv4/bpf_tcp_ca.c`,
/// `_nf_conntrack_btf_struct_access` in `net/netfilter/nf_conntrack_bpf.c`.
final class KernelWrites {
  private static final Set<String> CONNECTION = Set.of("mark");
  private static final Set<String> TCP_SOCKET =
      Set.of(
          "sk_pacing_rate",
          "sk_pacing_status",
          "icsk_ca_priv",
          "icsk_ack.pending",
          "snd_cwnd",
          "snd_cwnd_cnt",
          "snd_cwnd_stamp",
          "snd_ssthresh",
          "ecn_flags",
          "app_limited");

  private final Walk walk;
  private final Map<String, Map<Integer, Integer>> ends = new HashMap<>();

  KernelWrites(Walk walk) {
    this.walk = walk;
  }

  /// Whether programs of this type may write any kernel object at all.
  static boolean mayBeAllowed(Rules rules) {
    return switch (rules.type()) {
      case XDP, SCHED_CLS, SCHED_ACT -> true;
      case STRUCT_OPS -> true;
      default -> false;
    };
  }

  private static boolean isCongestionControl(Rules rules) {
    return isMemberOf(rules, "tcp_congestion_ops");
  }

  private static boolean isMemberOf(Rules rules, String struct) {
    return rules
        .tracedFunction()
        .flatMap(function -> function.member())
        .filter(member -> member.struct().equals(struct))
        .isPresent();
  }

  void check(Btf btf, int type, int offset, int size) {
    String struct = btf.type(type).name();
    if (isMemberOf(walk.rules, "bpf_dummy_ops")) {
      if (!struct.equals("bpf_dummy_ops_state")) {
        throw walk.refuse(Errno.EACCES, "only access to bpf_dummy_ops_state is supported");
      }
      if (StructWalk.find(btf, type, offset, size) instanceof StructWalk.Member.Outside outside) {
        throw walk.refuse(outside.errno(), "%s", outside.reason());
      }
      return;
    }
    boolean tcp = isCongestionControl(walk.rules);
    boolean known =
        tcp
            ? struct.equals("tcp_sock")
            : struct.equals("nf_conn") || struct.equals("nf_conn___init");
    if (!known) {
      throw walk.refuse(Errno.EACCES, "only read is supported");
    }
    String word = tcp ? "tcp_sock" : "nf_conn";
    Integer end =
        ends.computeIfAbsent(
                struct,
                s -> {
                  Map<Integer, Integer> found = new HashMap<>();
                  find(btf, type, 0, "", tcp ? TCP_SOCKET : CONNECTION, found);
                  return found;
                })
            .get(offset);
    if (end == null) {
      throw walk.refuse(Errno.EACCES, "no write support to %s at off %d", word, offset);
    }
    if (offset + size > end) {
      throw walk.refuse(
          Errno.EACCES,
          "write access at off %d with size %d beyond the member of %s ended at %d",
          offset,
          size,
          word,
          end);
    }
  }

  /// Where members lie, by their offset; all offsets in an array of room for the program count.
  private static void find(
      Btf btf, int type, int base, String prefix, Set<String> names, Map<Integer, Integer> ends) {
    if (!(btf.resolved(type) instanceof BtfType.Composite struct)) {
      return;
    }
    for (BtfType.Member member : struct.members()) {
      int start = base + member.bitOffset() / 8;
      boolean bits = member.bitFieldBits() != 0;
      int bytes =
          bits
              ? (member.bitFieldBits() + 7) / 8
              : new BtfLayout(btf).sizeOf(member.type()).orElse(0);
      String name = prefix + member.name();
      if (names.contains(name)) {
        ends.put(start, start + bytes);
        if (member.name().equals("icsk_ca_priv")) {
          for (int i = 0; i < bytes; i++) {
            ends.put(start + i, start + bytes);
          }
        }
      } else if (!bits) {
        boolean queue = member.name().equals("icsk_ack");
        if (start == 0 || member.name().isEmpty() || queue) {
          find(btf, member.type(), start, queue ? "icsk_ack." : "", names, ends);
        }
      }
    }
  }
}
