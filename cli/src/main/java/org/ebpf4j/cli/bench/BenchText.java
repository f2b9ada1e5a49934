package org.ebpf4j.cli.bench;

import org.ebpf4j.cli.output.Console;

/// The figures of `ebpf bench` as a table.
final class BenchText {
  private static final double MILLI = 1e6;

  private BenchText() {}

  static void print(BenchReport report, Console console) {
    console.line(report.title());
    console.line("");
    console.line(
        "%-18s %10s %21s %10s %10s %10s %10s %12s",
        "",
        "ns per run",
        "tenth to tenth",
        "load",
        "first run",
        "peak after",
        "from 1 s",
        "empty, ns");
    for (BenchRow row : report.rows()) {
      console.line(
          "%-18s %10s %21s %10s %10s %10s %10s %12s",
          row.setting().label(),
          number(row.run().median()),
          number(row.run().p10()) + " – " + number(row.run().p90()),
          milliseconds(row.loadNanos()),
          milliseconds(row.firstRunNanos()),
          milliseconds(row.peakNanos()),
          row.slowestLater().isPresent() ? number(row.slowestLater().getAsDouble()) : "–",
          number(row.empty().median()));
    }
    report.notes().forEach(note -> console.line("%n%s", note));
  }

  private static String number(double nanos) {
    return nanos < 100 ? "%.1f".formatted(nanos) : "%,.0f".formatted(nanos);
  }

  private static String milliseconds(long nanos) {
    double value = nanos / MILLI;
    return value < 10 ? "%.2f ms".formatted(value) : "%,.0f ms".formatted(value);
  }
}
