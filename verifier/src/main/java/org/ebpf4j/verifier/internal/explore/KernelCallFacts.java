package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.abi.KernelFunction;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.types.SpecialField;
import org.jspecify.annotations.Nullable;

/// What the arguments of one call of a kernel function have told so far.
final class KernelCallFacts {
  final KernelFunction function;

  /// The reference that an argument holds, 0 for none.
  int reference;

  /// The register that gives a reference back, 0 for none.
  int releaseRegister;

  /// The number that must be known, as `__k` and `__szk` ask.
  long constant;

  boolean hasConstant;

  /// The size of the memory returned, where an argument says it.
  int resultSize;

  boolean resultReadOnly;

  /// The dynptr given.
  Value dynptr = Value.UNINITIALIZED;

  /// The map given, or the one that the value given lies in.
  @Nullable Value map;

  /// The list or tree given.
  @Nullable SpecialField root;

  /// The type of the node or counted object given.
  Target.@Nullable Typed object;

  /// Whether that object was given with the reference that owns it.
  boolean owning;

  /// The function of the program given, -1 for none.
  int subprogram = -1;

  KernelCallFacts(KernelFunction function) {
    this.function = function;
  }

  String name() {
    return function.name();
  }

  boolean is(String name) {
    return function.name().equals(name);
  }
}
