package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.runtime.internal.run.Run;

/// What a helper does. Its arguments have been checked against the prototype: addresses are good
/// for the bytes that the prototype and the size arguments name, maps are maps, functions are
/// functions. What the prototype cannot say (flags, ranges inside a packet), the body checks.
@FunctionalInterface
public interface HelperBody {

  /// @return what `R0` holds afterwards: for most helpers 0, a count, or a negated errno
  long call(Run run, long a, long b, long c, long d, long e);

  /// The same for programs that were not proven: what a proof takes for constant, others may change
  /// there while the body looks at it.
  default HelperBody ofUnproven() {
    return this;
  }
}
