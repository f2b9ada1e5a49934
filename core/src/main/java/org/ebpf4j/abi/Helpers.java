package org.ebpf4j.abi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.ebpf4j.abi.Argument.Flag;
import org.ebpf4j.abi.Argument.Kind;
import org.ebpf4j.abi.HelperPrototype.Result;

/// The helpers of Linux 6.18, from the table `helpers.tsv`.
public final class Helpers {
  private static final Map<Integer, HelperPrototype> BY_ID = load();
  private static final Map<String, HelperPrototype> BY_NAME = byName(BY_ID.values());
  private static final Map<ProgramType, Map<Integer, HelperPrototype>> VARIANTS = loadVariants();

  private Helpers() {}

  /// The helper that a call instruction with this immediate calls.
  public static Optional<HelperPrototype> byId(int id) {
    return Optional.ofNullable(BY_ID.get(id));
  }

  /// The helper of this name, without `bpf_` in front.
  public static Optional<HelperPrototype> byName(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /// All helpers by ascending id.
  public static Collection<HelperPrototype> all() {
    return Collections.unmodifiableCollection(BY_ID.values());
  }

  /// The helper of this number as programs of a type call it.
  public static Optional<HelperPrototype> byId(int id, ProgramType caller) {
    HelperPrototype variant = VARIANTS.getOrDefault(caller, Map.of()).get(id);
    return variant != null ? Optional.of(variant) : byId(id);
  }

  private static Map<ProgramType, Map<Integer, HelperPrototype>> loadVariants() {
    Map<ProgramType, Map<Integer, HelperPrototype>> variants = new EnumMap<>(ProgramType.class);
    for (Table.Row row : Table.load("helper-variants.tsv").rows()) {
      String[] rest = Arrays.copyOfRange(row.cells(), 1, row.cells().length);
      HelperPrototype helper = prototype(new Table.Row(row.file(), row.line(), rest));
      for (String type : row.cell(0).split(",", -1)) {
        variants
            .computeIfAbsent(row.constant(type, ProgramType.class), t -> new HashMap<>())
            .put(helper.id(), helper);
      }
    }
    return variants;
  }

  private static Map<Integer, HelperPrototype> load() {
    Map<Integer, HelperPrototype> helpers = new TreeMap<>();
    for (Table.Row row : Table.load("helpers.tsv").rows()) {
      HelperPrototype helper = prototype(row);
      if (helpers.put(helper.id(), helper) != null) {
        throw row.wrong("repeats helper " + helper.id());
      }
    }
    return helpers;
  }

  private static Map<String, HelperPrototype> byName(Collection<HelperPrototype> helpers) {
    Map<String, HelperPrototype> names = new HashMap<>();
    for (HelperPrototype helper : helpers) {
      names.put(helper.name(), helper);
    }
    return names;
  }

  static HelperPrototype prototype(Table.Row row) {
    String[] result = row.cell(2).split(":", 2);
    boolean gpl =
        switch (row.cell(3)) {
          case "gpl" -> true;
          case "any" -> false;
          default -> throw row.wrong("says neither gpl nor any");
        };
    List<Argument> arguments = new ArrayList<>();
    int unchecked = 0;
    for (int column = 4; column < row.cells().length; column++) {
      if (row.cell(column).equals("UNCHECKED")) {
        unchecked++;
      } else {
        arguments.add(argument(row, row.cell(column)));
      }
    }
    return new HelperPrototype(
        row.number(0),
        row.cell(1),
        row.constant(result[0], Result.class),
        result.length > 1 ? result[1] : "",
        arguments,
        gpl,
        unchecked);
  }

  /// Reads `KIND`, `KIND:SIZE` or `KIND:STRUCT`, and flags after commas.
  private static Argument argument(Table.Row row, String text) {
    String[] parts = text.split(",", -1);
    String[] kind = parts[0].split(":", 2);
    String detail = kind.length > 1 ? kind[1] : "";
    boolean sized = !detail.isEmpty() && Character.isDigit(detail.charAt(0));
    Set<Flag> flags = EnumSet.noneOf(Flag.class);
    for (int i = 1; i < parts.length; i++) {
      flags.add(row.constant(parts[i], Flag.class));
    }
    return new Argument(
        row.constant(kind[0], Kind.class),
        flags,
        sized ? row.number(detail) : 0,
        sized ? "" : detail);
  }
}
