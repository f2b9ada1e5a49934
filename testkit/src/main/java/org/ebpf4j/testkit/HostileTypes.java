package org.ebpf4j.testkit;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfType.Linkage;
import org.ebpf4j.btf.BtfType.Member;

/// The BTF of hostile programs: structs with every sort of special field, and the kernel functions
/// that are called. Numbers of types and sizes are those that [#HostileTypes] gives.
final class HostileTypes {
  static final int WORD = 1;
  private static final int DOUBLE = 2;

  /// A struct of two numbers.
  static final int PLAIN = 3;

  static final int PLAIN_BYTES = 16;

  /// What objects are made of: a list's node, a tree's node, a count of references, a number.
  static final int NODE = 12;

  static final int NODE_BYTES = 72;

  /// A lock, a list, a tree, and two pointers.
  static final int GRAPH = 18;

  static final int GRAPH_BYTES = 56;
  static final int TIMERS = 19;
  static final int TIMERS_BYTES = 40;
  static final int LOCKS = 21;
  static final int LOCKS_BYTES = 16;
  static final int POINTERS = 24;
  static final int POINTERS_BYTES = 32;

  private final List<BtfType> types = new ArrayList<>();
  private final Map<String, Integer> kernelFunctions = new LinkedHashMap<>();
  private final int prototype;

  HostileTypes() {
    add(new BtfType.Int("unsigned int", 4, BtfType.Int.Encoding.UNSIGNED, 0, 32));
    add(new BtfType.Int("unsigned long long", 8, BtfType.Int.Encoding.UNSIGNED, 0, 64));
    struct("plain", PLAIN_BYTES, member("first", DOUBLE, 0), member("second", DOUBLE, 8));
    int lock = struct("bpf_spin_lock", 4, member("val", WORD, 0));
    int timer = opaque("bpf_timer", 2);
    int work = opaque("bpf_wq", 2);
    int head = opaque("bpf_list_head", 2);
    int link = opaque("bpf_list_node", 3);
    int root = opaque("bpf_rb_root", 2);
    int branch = opaque("bpf_rb_node", 4);
    int count = struct("bpf_refcount", 4, member("val", WORD, 0));
    int node =
        struct(
            "node",
            NODE_BYTES,
            member("link", link, 0),
            member("branch", branch, 24),
            member("count", count, 56),
            member("key", DOUBLE, 64));
    int toNode = pointer("kptr", node);
    int toMask = pointer("kptr", opaque("bpf_cpumask", 1));
    struct(
        "graph",
        GRAPH_BYTES,
        member("lock", lock, 0),
        member("list", head, 8),
        member("tree", root, 24),
        member("node", toNode, 40),
        member("mask", toMask, 48));
    struct(
        "timers",
        TIMERS_BYTES,
        member("timer", timer, 0),
        member("work", work, 16),
        member("number", DOUBLE, 32));
    int resilient = struct("bpf_res_spin_lock", 4, member("val", WORD, 0));
    struct("locks", LOCKS_BYTES, member("lock", resilient, 0), member("number", DOUBLE, 8));
    int perCpu = pointer("percpu_kptr", PLAIN);
    struct(
        "pointers",
        POINTERS_BYTES,
        member("node", toNode, 0),
        member("mask", toMask, 8),
        member("each", perCpu, 16),
        member("number", DOUBLE, 24));
    add(new BtfType.DeclarationTag("contains:node:link", GRAPH, 1, false));
    add(new BtfType.DeclarationTag("contains:node:branch", GRAPH, 2, false));
    prototype = add(new BtfType.Prototype(WORD, List.of()));
  }

  private int add(BtfType type) {
    types.add(type);
    return types.size();
  }

  private int struct(String name, int bytes, Member... members) {
    return add(new BtfType.Composite(name, false, bytes, List.of(members)));
  }

  private int opaque(String name, int words) {
    Member[] members = new Member[words];
    for (int i = 0; i < words; i++) {
      members[i] = member("word" + i, DOUBLE, 8 * i);
    }
    return struct(name, 8 * words, members);
  }

  private static Member member(String name, int type, int offset) {
    return new Member(name, type, offset * Byte.SIZE, 0);
  }

  private int pointer(String tag, int target) {
    return add(new BtfType.Pointer(add(new BtfType.TypeTag(tag, target, false))));
  }

  /// A function of the program.
  int function(String name) {
    return add(new BtfType.Function(name, prototype, Linkage.STATIC));
  }

  /// A function of the kernel.
  int kernelFunction(String name) {
    return kernelFunctions.computeIfAbsent(
        name, _ -> add(new BtfType.Function(name, prototype, Linkage.EXTERN)));
  }

  int count() {
    return types.size();
  }

  Btf toBtf() {
    return Btf.of(types);
  }
}
