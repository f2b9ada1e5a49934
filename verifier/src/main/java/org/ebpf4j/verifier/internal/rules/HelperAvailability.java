package org.ebpf4j.verifier.internal.rules;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.HelperPermissions;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.ProgramType;

/// Which helpers programs of a type and hook may call: the table of program types, as the table
/// `helpers-by-hook.tsv` changes it.
final class HelperAvailability {
  private static final String FILE = "helpers-by-hook.tsv";
  private static final String OTHER_HOOKS = "*";
  private static final Map<String, Set<String>> CHANGES = load();

  private HelperAvailability() {}

  static boolean allows(ProgramType type, Optional<AttachType> hook, HelperPrototype helper) {
    Set<String> changes =
        hook.map(h -> CHANGES.get(key(type.name(), h.name())))
            .orElseGet(() -> CHANGES.getOrDefault(key(type.name(), OTHER_HOOKS), Set.of()));
    if (changes.contains("+" + helper.name())) {
      return true;
    }
    return !changes.contains("-" + helper.name())
        && HelperPermissions.of(type).map(ids -> ids.contains(helper.id())).orElse(false);
  }

  /// Whether programs of every type that Linux was asked about may call a helper.
  static boolean isCommon(HelperPrototype helper) {
    for (ProgramType type : ProgramType.values()) {
      Optional<Set<Integer>> allowed = HelperPermissions.of(type);
      if (allowed.isPresent() && !allowed.get().contains(helper.id())) {
        return false;
      }
    }
    return true;
  }

  private static String key(String type, String hook) {
    return type + " " + hook;
  }

  private static Map<String, Set<String>> load() {
    Map<String, Set<String>> rows = new HashMap<>();
    for (String[] cells : RulesTable.rows(FILE)) {
      rows.put(key(cells[0], cells[1]), Set.of(cells[2].split(" ", -1)));
    }
    return rows;
  }
}
