package org.ebpf4j.runtime.internal.host;

import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.map.SpecialFields;

/// Lets go of what fields of deleted elements hold: timers. Pointers to kernel objects own nothing
/// here, and the other kinds have no helpers.
///
/// @param timers the host's timers
record FieldReleaser(HostTimers timers) implements SpecialFields.Releaser {
  @Override
  public void release(RuntimeMap map, SpecialFields.Field field, long address) {
    if (field.kind() == SpecialFields.Kind.TIMER) {
      timers.forget(address);
    }
  }
}
