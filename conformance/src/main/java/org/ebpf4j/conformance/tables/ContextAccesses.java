package org.ebpf4j.conformance.tables;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.isa.Bytecode;

/// Which bytes of its context a program may load and store.
final class ContextAccesses {
  private static final int[] SIZES = {1, 2, 4, 8};

  /// Opcodes of `r0 = *(uN *)(r1 + offset)` and `*(uN *)(r1 + offset) = r2`, by size.
  private static final Map<Integer, Integer> LOADS = Map.of(1, 0x71, 2, 0x69, 4, 0x61, 8, 0x79);

  private static final Map<Integer, Integer> STORES = Map.of(1, 0x73, 2, 0x6b, 4, 0x63, 8, 0x7b);

  private ContextAccesses() {}

  /// Rows by program type and hook, `load` or `store` and size in bytes: the offsets allowed,
  /// aligned ones alone, as `0-12 20`, each range with its first and last offset. Rows without any
  /// are left out.
  static Map<String, String> of(List<Caller> callers, Judge judge) {
    Map<String, String> rows = new TreeMap<>();
    for (Caller caller : callers) {
      for (int size : SIZES) {
        put(rows, caller, "load", size, offsets(caller, size, false, judge));
        put(rows, caller, "store", size, offsets(caller, size, true, judge));
      }
    }
    return rows;
  }

  private static void put(
      Map<String, String> rows, Caller caller, String what, int size, List<Integer> offsets) {
    if (!offsets.isEmpty()) {
      rows.put(
          "%s\t%s\t%d".formatted(caller, what.toLowerCase(Locale.ROOT), size),
          ranges(offsets, size));
    }
  }

  private static List<Integer> offsets(Caller caller, int size, boolean store, Judge judge) {
    List<Integer> allowed = new ArrayList<>();
    int end = ProgramTypes.of(caller.type()).context().size();
    for (int offset = 0; offset + size <= end; offset += size) {
      long[] body =
          store
              ? new long[] {
                Bytecode.slot(0xb7, 2, 0, (short) 0, 0),
                Bytecode.slot(STORES.getOrDefault(size, 0), 1, 2, (short) offset, 0)
              }
              : new long[] {Bytecode.slot(LOADS.getOrDefault(size, 0), 0, 1, (short) offset, 0)};
      if (judge.refusal(TinyProgram.of(caller, List.of(), List.of(), body)).isEmpty()) {
        allowed.add(offset);
      }
    }
    return allowed;
  }

  private static String ranges(List<Integer> offsets, int step) {
    List<int[]> ranges = new ArrayList<>();
    for (int offset : offsets) {
      if (!ranges.isEmpty() && ranges.getLast()[1] + step == offset) {
        ranges.getLast()[1] = offset;
      } else {
        ranges.add(new int[] {offset, offset});
      }
    }
    return ranges.stream()
        .map(r -> r[0] == r[1] ? String.valueOf(r[0]) : r[0] + "-" + r[1])
        .collect(Collectors.joining(" "));
  }
}
