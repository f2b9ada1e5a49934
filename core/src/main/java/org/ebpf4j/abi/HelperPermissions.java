package org.ebpf4j.abi;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Which helpers programs of a type may call in Linux 6.18, from the table
/// `helpers-by-program-type.tsv`, and what their hook changes of that, from `helpers-by-hook.tsv`.
public final class HelperPermissions {
  private static final String OTHER_HOOKS = "*";
  private static final Map<ProgramType, Set<Integer>> BY_TYPE = load();

  /// By type and hook, or [#OTHER_HOOKS]: `+` or `-` and the name of a helper.
  private static final Map<String, Set<String>> CHANGES = loadChanges();

  private HelperPermissions() {}

  /// The ids of the helpers that programs of this type may call; empty for types about which Linux
  /// has not been asked.
  public static Optional<Set<Integer>> of(ProgramType type) {
    return Optional.ofNullable(BY_TYPE.get(type));
  }

  /// Whether programs of a type may call a helper at a hook.
  ///
  /// @param hook empty where the type has one alone
  public static boolean allows(
      ProgramType type, Optional<AttachType> hook, HelperPrototype helper) {
    Set<String> changes =
        hook.map(one -> CHANGES.get(key(type.name(), one.name())))
            .orElseGet(() -> CHANGES.getOrDefault(key(type.name(), OTHER_HOOKS), Set.of()));
    if (changes.contains("+" + helper.name())) {
      return true;
    }
    return !changes.contains("-" + helper.name())
        && of(type).map(ids -> ids.contains(helper.id())).orElse(false);
  }

  private static String key(String type, String hook) {
    return type + " " + hook;
  }

  private static Map<String, Set<String>> loadChanges() {
    Map<String, Set<String>> rows = new HashMap<>();
    for (Table.Row row : Table.load("helpers-by-hook.tsv").rows()) {
      rows.put(key(row.cell(0), row.cell(1)), Set.of(row.cell(2).split(" ", -1)));
    }
    return rows;
  }

  private static Map<ProgramType, Set<Integer>> load() {
    Map<ProgramType, Set<Integer>> types = new EnumMap<>(ProgramType.class);
    for (Table.Row row : Table.load("helpers-by-program-type.tsv").rows()) {
      String name = row.cell(0);
      if (name.equals("types")) {
        for (String type : row.cell(1).split(" ", -1)) {
          types.put(row.constant(type, ProgramType.class), new HashSet<>());
        }
      } else {
        allow(types, row, name);
      }
    }
    types.replaceAll((type, helpers) -> Set.copyOf(helpers));
    return types;
  }

  private static void allow(Map<ProgramType, Set<Integer>> types, Table.Row row, String helper) {
    int id = Helpers.byName(helper).orElseThrow(() -> row.wrong("names no helper: " + helper)).id();
    if (row.cell(1).equals("all")) {
      types.values().forEach(helpers -> helpers.add(id));
    } else if (!row.cell(1).isEmpty()) {
      for (String type : row.cell(1).split(" ", -1)) {
        Set<Integer> helpers = types.get(row.constant(type, ProgramType.class));
        if (helpers == null) {
          throw row.wrong("names a type that the first row does not: " + type);
        }
        helpers.add(id);
      }
    }
  }
}
