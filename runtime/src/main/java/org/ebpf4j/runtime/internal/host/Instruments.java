package org.ebpf4j.runtime.internal.host;

import java.util.Optional;
import org.ebpf4j.runtime.internal.run.StepObserver;

/// What tests put into a host to see what happens inside.
///
/// @param poison whether freed memory is filled with a pattern and kept, to see who still uses it
/// @param observer who looks on as programs run in the interpreter, if anyone does
public record Instruments(boolean poison, Optional<StepObserver> observer) {
  /// A host as users have it.
  public static final Instruments NONE = new Instruments(false, Optional.empty());
}
