package org.ebpf4j.testkit;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.btf.BtfType.Linkage;

/// The BTF of a program in the making: what its maps hold and its functions take.
final class TestTypes {
  private static final int VOID = 0;

  /// `unsigned int`.
  static final int WORD = 1;

  /// `unsigned long long`.
  static final int DOUBLE = 2;

  /// `struct { struct bpf_spin_lock lock; unsigned int count; unsigned long long first, second; }`.
  static final int LOCKED = 4;

  /// Bytes of [#LOCKED], and of the lock at its start.
  static final int LOCKED_BYTES = 24;

  static final int LOCK_BYTES = 4;

  private final List<BtfType> types = new ArrayList<>();
  private final int iterator;
  private final int context;

  TestTypes(ProgramType type) {
    add(new BtfType.Int("unsigned int", 4, BtfType.Int.Encoding.UNSIGNED, 0, 32));
    add(new BtfType.Int("unsigned long long", 8, BtfType.Int.Encoding.UNSIGNED, 0, 64));
    int lock =
        add(
            new BtfType.Composite(
                "bpf_spin_lock", false, 4, List.of(new BtfType.Member("val", WORD, 0, 0))));
    add(
        new BtfType.Composite(
            "locked",
            false,
            LOCKED_BYTES,
            List.of(
                new BtfType.Member("lock", lock, 0, 0),
                new BtfType.Member("count", WORD, 32, 0),
                new BtfType.Member("first", DOUBLE, 64, 0),
                new BtfType.Member("second", DOUBLE, 128, 0))));
    iterator = pointer(add(new BtfType.Composite("bpf_iter_num", false, 8, List.of())));
    context = pointer(add(new BtfType.Composite(contextName(type), false, 8, List.of())));
  }

  private static String contextName(ProgramType type) {
    return switch (type) {
      case XDP -> "xdp_md";
      case SCHED_CLS, SOCKET_FILTER -> "__sk_buff";
      default -> "bpf_raw_tracepoint_args";
    };
  }

  private int add(BtfType type) {
    types.add(type);
    return types.size();
  }

  private int pointer(int target) {
    return add(new BtfType.Pointer(target));
  }

  /// A pointer to the context.
  int contextPointer() {
    return context;
  }

  /// A pointer to an array of so many bytes, a multiple of 8.
  int memoryPointer(int bytes) {
    int member = add(new BtfType.Array(DOUBLE, WORD, bytes / 8));
    return pointer(
        add(
            new BtfType.Composite(
                "memory" + types.size(),
                false,
                bytes,
                List.of(new BtfType.Member("words", member, 0, 0)))));
  }

  /// A function of this name that returns a number.
  int function(String name, List<Integer> parameters, Linkage linkage) {
    return function(name, WORD, parameters, linkage);
  }

  private int function(String name, int result, List<Integer> parameters, Linkage linkage) {
    List<BtfType.Parameter> named = new ArrayList<>();
    for (int i = 0; i < parameters.size(); i++) {
      named.add(new BtfType.Parameter("p" + i, parameters.get(i)));
    }
    int prototype = add(new BtfType.Prototype(result, named));
    return add(new BtfType.Function(name, prototype, linkage));
  }

  /// The kernel's function for a step of an iterator over numbers: `new`, `next` or `destroy`.
  int iteratorFunction(String step) {
    String name = "bpf_iter_num_" + step;
    for (int id = 1; id <= types.size(); id++) {
      if (types.get(id - 1).name().equals(name)) {
        return id;
      }
    }
    return switch (step) {
      case "new" -> function(name, WORD, List.of(iterator, WORD, WORD), Linkage.EXTERN);
      case "next" -> function(name, pointer(WORD), List.of(iterator), Linkage.EXTERN);
      default -> function(name, VOID, List.of(iterator), Linkage.EXTERN);
    };
  }

  Btf toBtf() {
    return Btf.of(types);
  }
}
