package org.ebpf4j.verifier.internal.explain;

import org.ebpf4j.abi.Argument;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.state.Value;

/// Memory and its size, as a helper is given them and refuses them.
///
/// @param pointer where the memory begins
/// @param limit its bytes
/// @param register the number of the register with the size
/// @param size what that holds
record MemoryAtCall(Value pointer, int limit, int register, Scalar size) {

  /// Whether a helper takes a size in a register, of the memory in the one before.
  static boolean takesSize(HelperPrototype helper, int register) {
    if (register > helper.arguments().size()) {
      return false;
    }
    Argument.Kind kind = helper.arguments().get(register - 1).kind();
    return kind == Argument.Kind.SIZE || kind == Argument.Kind.SIZE_OR_ZERO;
  }

  /// Where the memory begins and how much of it there may be.
  String what() {
    return "%s and a size in R%d, which is %s"
        .formatted(ValueWords.of(pointer), register, ValueWords.number(size));
  }

  /// What to bound before the call: whichever is not one number, or both.
  String advice() {
    if (pointer.number().isConstant()) {
      long left = limit - pointer.offset() - pointer.number().value();
      return size.isConstant() || left <= 0 || left > limit
          ? "Give it no more bytes than there are from there on."
          : "Before the call, compare the size in R%d with %d (in C: if (size > %d) return ...), or mask it."
              .formatted(register, left, left);
    }
    if (size.isConstant()) {
      return "Before the call, keep the index so small that the offset is at most %d."
          .formatted(Math.max(0, limit - size.value()));
    }
    return "Before the call, bound offset and size each by a constant, so that their greatest values together are at most %d: what is known of their sum does not count."
        .formatted(limit);
  }
}
