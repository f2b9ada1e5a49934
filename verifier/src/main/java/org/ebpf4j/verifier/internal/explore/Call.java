package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.types.MapInfo;
import org.ebpf4j.verifier.internal.types.SpecialField;
import org.jspecify.annotations.Nullable;

/// What the arguments of one call have told so far.
final class Call {
  final HelperPrototype helper;
  @Nullable MapInfo map;
  int mapInstance;
  Target mapTarget = Target.NONE;

  /// Whether the key is one that the map has in any case.
  boolean keyPresent;

  /// The size given to allocate or slice.
  int memorySize;

  /// The greatest number of bytes that the helper may be told.
  long greatestSize;

  /// The register whose memory is written without being read first, 0 for none, and its bytes.
  int rawRegister;

  int rawSize;

  /// The register that gives a reference back, 0 for none.
  int releaseRegister;

  /// The reference that an argument holds, 0 for none.
  int reference;

  int subprogram = -1;
  @Nullable SpecialField field;
  Target.@Nullable Typed typed;

  /// Whether the object per CPU was allocated by the program.
  boolean ownPerCpu;

  int dynptrRegister;

  Call(HelperPrototype helper) {
    this.helper = helper;
  }

  boolean is(String name) {
    return helper.name().equals(name);
  }
}
