package org.ebpf4j.runtime.internal.host;

import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.map.SpecialFields;
import org.ebpf4j.runtime.internal.object.KernelObjects;

/// Lets go of what fields of deleted elements hold: timers, work, and references to objects.
///
/// @param timers the host's timers
/// @param objects the objects of its programs
record FieldReleaser(HostTimers timers, KernelObjects objects) implements SpecialFields.Releaser {
  @Override
  public void release(RuntimeMap map, SpecialFields.Field field, long address, long lock) {
    if (field.kind() == SpecialFields.Kind.TIMER || field.kind() == SpecialFields.Kind.WORKQUEUE) {
      timers.forget(address);
    } else {
      objects.releaseField(field.kind(), address, lock);
    }
  }

  @Override
  public void releaseTimers(RuntimeMap map) {
    timers.forget(map);
  }
}
