package org.ebpf4j.verifier.internal.explore;

import java.util.EnumSet;
import java.util.HashSet;
import java.util.Set;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.outcome.Refusal;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.ebpf4j.verifier.internal.types.MapInfo;

/// The maps that a program has named so far, and what holds for all of them together.
///
/// Source: `__add_used_map` and `check_map_prog_compatibility` in Linux's `kernel/bpf/verifier.c`.
final class UsedMaps {
  /// `MAX_USED_MAPS`.
  private static final int MOST = 64;

  private final Rules rules;
  private final Set<String> names = new HashSet<>();
  private final Set<MapType> single = EnumSet.noneOf(MapType.class);

  UsedMaps(Rules rules) {
    this.rules = rules;
  }

  /// Counts a map.
  ///
  /// @return whether the program has not named it before
  boolean add(int slot, String name) {
    if (!names.add(name)) {
      return false;
    }
    if (names.size() > MOST) {
      throw Refusal.at(
          Errno.E2BIG,
          slot,
          "The total number of maps per program has reached the limit of " + MOST);
    }
    return true;
  }

  /// Checks what depends on the maps named before.
  void check(int slot, MapInfo map) {
    switch (map.type()) {
      case STRUCT_OPS ->
          throw Refusal.at(Errno.EINVAL, slot, "bpf_struct_ops map cannot be used in prog");
      case CGROUP_STORAGE, PERCPU_CGROUP_STORAGE -> {
        if (!single.add(map.type())) {
          throw Refusal.at(Errno.EBUSY, slot, "only one cgroup storage of each type is allowed");
        }
      }
      case ARENA -> {
        if (!single.add(MapType.ARENA)) {
          throw Refusal.at(Errno.EBUSY, slot, "Only one arena per program");
        }
        if (rules.isUnprivileged()) {
          throw Refusal.at(Errno.EPERM, slot, "CAP_BPF and CAP_PERFMON are required to use arena");
        }
      }
      default -> {}
    }
  }
}
