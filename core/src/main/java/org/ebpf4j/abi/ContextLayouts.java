package org.ebpf4j.abi;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.abi.ContextLayout.Access;
import org.ebpf4j.abi.ContextLayout.Field;
import org.ebpf4j.abi.ContextLayout.Kind;
import org.ebpf4j.abi.ContextLayout.Narrow;

/// The contexts of Linux's program types, from the table `contexts.tsv`. Program types that share a
/// struct but may touch different fields of it have layouts of their own.
public final class ContextLayouts {
  private static final Map<String, ContextLayout> BY_NAME = load();

  private ContextLayouts() {}

  /// The layout of this name, such as `xdp` or `tc`.
  public static Optional<ContextLayout> byName(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /// All layouts by name, in the table's order.
  public static Map<String, ContextLayout> all() {
    return BY_NAME;
  }

  private static Map<String, ContextLayout> load() {
    Map<String, ContextLayout> layouts = new LinkedHashMap<>();
    List<Table.Row> rows = Table.load("contexts.tsv").rows();
    int next = 0;
    while (next < rows.size()) {
      Table.Row head = rows.get(next++);
      if (!head.cell(0).equals("layout")) {
        throw head.wrong("does not begin a layout");
      }
      List<Field> fields = new ArrayList<>();
      while (next < rows.size() && rows.get(next).cell(0).isEmpty()) {
        fields.add(field(rows.get(next++)));
      }
      layouts.put(head.cell(1), new ContextLayout(head.cell(2), head.number(3), fields));
    }
    return java.util.Collections.unmodifiableMap(layouts);
  }

  private static Field field(Table.Row row) {
    return new Field(
        row.cell(1),
        row.number(2),
        row.number(3),
        row.constant(5, Kind.class),
        row.constant(6, Access.class),
        row.constant(7, Narrow.class),
        row.number(4));
  }
}
