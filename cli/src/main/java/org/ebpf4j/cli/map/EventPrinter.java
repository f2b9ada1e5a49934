package org.ebpf4j.cli.map;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.OptionalInt;
import org.ebpf4j.EventReader;
import org.ebpf4j.cli.option.MapBytes;
import org.ebpf4j.cli.output.Console;

/// Prints records that programs send, one after the other: as lines, or as a JSON object each.
final class EventPrinter implements EventReader.Handler {
  private final Console console;
  private final boolean json;
  private final OptionalInt slot;
  private long lost;

  /// @param slot the slot of the perf event array; empty if that is the CPU's number
  EventPrinter(Console console, boolean json, OptionalInt slot) {
    this.console = console;
    this.json = json;
    this.slot = slot;
  }

  @Override
  public void event(MemorySegment record, int cpu) {
    byte[] bytes = record.toArray(JAVA_BYTE);
    int index = slot.orElse(cpu);
    if (json) {
      console.line(
          cpu < 0
              ? "{\"data\":%s}".formatted(MapBytes.json(bytes))
              : "{\"cpu\":%d,\"index\":%d,\"data\":%s}"
                  .formatted(cpu, index, MapBytes.json(bytes)));
    } else {
      console.line(cpu < 0 ? "== =====" : "== CPU: %d index: %d =====".formatted(cpu, index));
      console.line(MapBytes.text(bytes));
    }
  }

  /// Tells of records that were lost since it was last told.
  ///
  /// @param all how many are lost in all
  void lost(long all) {
    if (all > lost) {
      console.line(json ? "{\"lost\":%d}" : "lost %d events", all - lost);
      lost = all;
    }
  }
}
