package org.ebpf4j.runtime.internal.host;

import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.map.SpecialFields;

/// Lets go of what fields of deleted elements hold.
final class FieldReleaser implements SpecialFields.Releaser {
  @Override
  public void release(RuntimeMap map, SpecialFields.Field field, long address) {}
}
