package org.ebpf4j.spec;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.elf.SectionData;

/// What definitions of maps for iproute2's loader say beyond those of others, by numbers that maps
/// have in their object:
///
///      20      24           28            32             36
///     ┌───────┬────────────┬─────────────┬──────────────┐
///     │  id   │  pinning   │  inner_id   │  inner_idx   │
///     └───────┴────────────┴─────────────┴──────────────┘
///
/// A program in section `7/2` goes to key 2 of the program array with id 7. A map of maps holds
/// maps like the one whose id is its `inner_id`, and begins with those that have this id, each at
/// its `inner_idx`.
///
/// Source: `struct bpf_elf_map` in iproute2's `include/bpf_elf.h`, and `lib/bpf_legacy.c`.
final class Iproute2Maps {
  /// Bytes of such a definition. No other loader's has this many.
  static final int DEFINITION_BYTES = 36;

  private static final int ID = 20;
  private static final int PINNING = 24;
  private static final int INNER_ID = 28;
  private static final int INNER_INDEX = 32;

  /// `PIN_OBJECT_NS`: shared by all who load this very object. Programs of one collection share its
  /// maps anyhow, so nothing is pinned for it.
  private static final int PIN_FOR_OBJECT = 1;

  /// `PIN_GLOBAL_NS`: shared under its name.
  private static final int PIN_BY_NAME = 2;

  private static final int NO_INDEX = -1;

  private static final Pattern TAIL_CALL = Pattern.compile("(0[xX]\\p{XDigit}+|\\d+)/(\\d+)");

  /// A map, and what else its definition says.
  private record Defined(MapSpec map, int id, int innerId, int innerIndex) {
    boolean holdsMaps() {
      return map.typeNumber() == MapType.ARRAY_OF_MAPS.number()
          || map.typeNumber() == MapType.HASH_OF_MAPS.number();
    }

    /// Whether it is to be put into maps of maps.
    boolean isInner() {
      return id != 0 && innerId == 0 && innerIndex != NO_INDEX;
    }
  }

  /// By place.
  private final Map<Integer, Defined> defined = new TreeMap<>();

  /// Takes what the definition at a place says of a map; gives the map, pinned if it says so.
  MapSpec add(SectionData data, int at, MapSpec map) {
    int pinning = data.i32(at + PINNING);
    MapSpec pinned =
        switch (pinning) {
          case 0, PIN_FOR_OBJECT -> map;
          case PIN_BY_NAME -> map.pinnedByName();
          default ->
              throw data.error(
                  at + PINNING,
                  "map %s is pinned by rule %d, which only a file of iproute2 explains; say 2 (by name), 1 or 0 (not)"
                      .formatted(map.name(), pinning));
        };
    defined.put(
        at,
        new Defined(
            pinned, data.i32(at + ID), data.i32(at + INNER_ID), data.i32(at + INNER_INDEX)));
    return pinned;
  }

  /// All of them by place, maps of maps with what they hold.
  Map<Integer, MapSpec> maps() {
    Map<Integer, MapSpec> maps = new TreeMap<>();
    defined.forEach((place, map) ->
        maps.put(place, map.holdsMaps() && map.innerId() != 0 ? withInner(map) : map.map()));
    return maps;
  }

  private MapSpec withInner(Defined outer) {
    List<MapSpec.Slot> slots = new ArrayList<>();
    Optional<MapSpec> template = Optional.empty();
    for (Defined inner : defined.values()) {
      if (inner.id() == outer.innerId() && !inner.holdsMaps()) {
        template = template.or(() -> Optional.of(inner.map()));
        if (inner.isInner()) {
          slots.add(new MapSpec.Slot(inner.innerIndex(), inner.map().name()));
        }
      }
    }
    MapSpec filled = template.map(outer.map()::withInner).orElse(outer.map());
    return slots.isEmpty() ? filled : filled.withContents(new MapSpec.Contents.Slots(slots));
  }

  /// The programs that program arrays begin with, by the array's name.
  ///
  /// @param programs by name
  Map<String, List<MapSpec.Slot>> tailCalls(Map<String, ProgramSpec> programs) {
    Map<String, List<MapSpec.Slot>> slots = new LinkedHashMap<>();
    for (ProgramSpec program : programs.values()) {
      Matcher section = TAIL_CALL.matcher(program.section());
      array(section)
          .ifPresent(array ->
              slots
                  .computeIfAbsent(array.map().name(), name -> new ArrayList<>())
                  .add(new MapSpec.Slot(number(section.group(2)), program.name())));
    }
    return slots;
  }

  /// The same programs, but those in program arrays, whose sections say no type, with that of the
  /// others, for iproute2 loads an object's programs as one type. If the others have several, they
  /// stay without.
  Map<String, ProgramSpec> typed(Map<String, ProgramSpec> programs) {
    Set<ProgramSpec.ProgramKind> kinds = new HashSet<>();
    for (ProgramSpec program : programs.values()) {
      if (program.kind().type().isPresent()) {
        kinds.add(program.kind());
      }
    }
    Map<String, ProgramSpec> typed = new LinkedHashMap<>(programs);
    if (kinds.size() == 1) {
      ProgramSpec.ProgramKind only = kinds.iterator().next();
      typed.replaceAll((name, program) ->
          array(TAIL_CALL.matcher(program.section())).isPresent()
              ? program.withKind(only)
              : program);
    }
    return typed;
  }

  /// The program array that a section's name speaks of, if it does and there is one.
  private Optional<Defined> array(Matcher section) {
    if (!section.matches()) {
      return Optional.empty();
    }
    int wanted = number(section.group(1));
    return defined.values().stream()
        .filter(map -> map.map().typeNumber() == MapType.PROG_ARRAY.number())
        .filter(map -> map.id() == wanted)
        .findFirst();
  }

  /// As `scanf` reads it: octal and hexadecimal too; -1, which no map has, where it is no number of
  /// 32 bits.
  private static int number(String text) {
    try {
      return Integer.decode(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
