package org.ebpf4j.cli.option;

import java.util.LinkedHashSet;
import java.util.Set;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;

/// Which programs of an object belong together through its program arrays.
public final class Dependencies {
  private Dependencies() {}

  /// A program and those that the object's program arrays are initialised with.
  public static Set<String> of(CollectionSpec spec, ProgramSpec program) {
    Set<String> names = new LinkedHashSet<>();
    names.add(program.name());
    for (MapSpec map : spec.maps().values()) {
      if (map.contents() instanceof MapSpec.Contents.Slots slots) {
        for (MapSpec.Slot slot : slots.slots()) {
          if (spec.programs().containsKey(slot.target())) {
            names.add(slot.target());
          }
        }
      }
    }
    return names;
  }

  /// Whether a program array is initialised with this program: it is called by others.
  static boolean isTailCallTarget(CollectionSpec spec, ProgramSpec program) {
    for (MapSpec map : spec.maps().values()) {
      if (map.contents() instanceof MapSpec.Contents.Slots slots
          && slots.slots().stream().anyMatch(slot -> slot.target().equals(program.name()))) {
        return true;
      }
    }
    return false;
  }
}
