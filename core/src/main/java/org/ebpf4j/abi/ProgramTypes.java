package org.ebpf4j.abi;

import java.util.EnumMap;
import java.util.Map;

/// What Linux's program types are given and may return, from the table `program-types.tsv`.
public final class ProgramTypes {
  private static final Map<ProgramType, Row> ROWS = load();

  private ProgramTypes() {}

  /// How programs get at the bytes of a packet.
  public enum PacketAccess {
    /// There is no packet.
    NONE,
    /// Through helpers alone.
    HELPERS,
    /// Directly, to read, and through helpers.
    READ,
    /// Directly, to read and write, and through helpers.
    READ_WRITE
  }

  /// A program type.
  ///
  /// @param type which one
  /// @param context what `R1` points at
  /// @param packet whether and how it sees a packet
  /// @param lowest the least value of `R0` that it may return, as a signed 32-bit number
  /// @param highest the greatest value of `R0` that it may return
  public record Row(
      ProgramType type, ContextLayout context, PacketAccess packet, int lowest, int highest) {}

  /// The row of a program type; every type has one.
  public static Row of(ProgramType type) {
    Row row = ROWS.get(type);
    if (row == null) {
      throw new IllegalStateException("program-types.tsv has no row for " + type);
    }
    return row;
  }

  private static Map<ProgramType, Row> load() {
    Map<ProgramType, Row> rows = new EnumMap<>(ProgramType.class);
    for (Table.Row row : Table.load("program-types.tsv").rows()) {
      ProgramType type = row.constant(0, ProgramType.class);
      ContextLayout context =
          ContextLayouts.byName(row.cell(1))
              .orElseThrow(() -> row.wrong("names a layout that is not there: " + row.cell(1)));
      rows.put(
          type,
          new Row(
              type, context, row.constant(2, PacketAccess.class), row.number(3), row.number(4)));
    }
    return rows;
  }
}
