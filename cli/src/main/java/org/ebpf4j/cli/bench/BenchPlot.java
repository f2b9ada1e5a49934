package org.ebpf4j.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.ebpf4j.cli.output.CommandException;

/// The figures of `ebpf bench` as a picture: above, how long a run takes, from a tenth of the
/// rounds to a tenth; below, how each setting got there from its first run on.
final class BenchPlot {
  private static final int WIDTH = 860;
  private static final int LEFT = 150;
  private static final int RIGHT = WIDTH - 90;
  private static final int TOP = 84;
  private static final int ROW = 34;
  private static final int CURVES = 250;
  private static final double MICRO = 1e3;

  /// Told apart by those who see few colours, too (Okabe and Ito's).
  private static final List<String> COLOURS =
      List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9");

  private final StringBuilder svg = new StringBuilder();
  private final BenchReport report;
  private final int bottom;
  private final int height;

  private BenchPlot(BenchReport report) {
    this.report = report;
    this.bottom = TOP + ROW * report.rows().size();
    this.height = bottom + 110 + CURVES + 60;
  }

  /// Writes the picture.
  static void write(BenchReport report, Path file) {
    try {
      Files.writeString(file, new BenchPlot(report).draw());
    } catch (IOException e) {
      throw new CommandException("cannot write %s: %s".formatted(file, e.getMessage()), e);
    }
  }

  private String draw() {
    add(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%1$d" height="%2$d" viewBox="0 0 %1$d %2$d"
             font-family="system-ui, sans-serif" font-size="13" fill="#333">
        <rect width="100%%" height="100%%" fill="white"/>
        """,
        WIDTH, height);
    text(LEFT, 32, "start", 17, "#111", report.title());
    text(
        LEFT, 54, "start", 13, "#666", "ns per run: median, and from a tenth of rounds to a tenth");
    runs();
    warmUps();
    return svg.append("</svg>\n").toString();
  }

  private void runs() {
    LogAxis axis =
        LogAxis.around(
            report.rows().stream().mapToDouble(row -> row.run().p10()).min().orElse(1),
            report.rows().stream().mapToDouble(row -> row.run().p90()).max().orElse(1),
            LEFT,
            RIGHT);
    for (double tick : axis.ticks()) {
      line(axis.at(tick), TOP - 10, axis.at(tick), bottom - 10, "#e4e4e4", 1);
      text(axis.at(tick), bottom + 8, "middle", 12, "#666", number(tick));
    }
    for (int i = 0; i < report.rows().size(); i++) {
      BenchRow row = report.rows().get(i);
      double y = TOP + ROW * i + ROW / 2.0 - 10;
      text(LEFT - 14, y + 4, "end", 13, "#333", row.setting().label());
      line(axis.at(row.run().p10()), y, axis.at(row.run().p90()), y, colour(i), 3);
      add(
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"6\" fill=\"%s\"/>%n",
          axis.at(row.run().median()), y, colour(i));
      text(axis.at(row.run().p90()) + 12, y + 4, "start", 13, "#111", number(row.run().median()));
    }
  }

  private void warmUps() {
    int top = bottom + 90;
    text(LEFT, top - 34, "start", 13, "#666", "ns per run, by the time since the first run");
    List<BenchRow.Point> points =
        report.rows().stream().flatMap(row -> row.warmUp().stream()).toList();
    LogAxis x =
        LogAxis.around(
            points.stream().mapToDouble(BenchRow.Point::sinceNanos).min().orElse(1),
            points.stream().mapToDouble(BenchRow.Point::sinceNanos).max().orElse(1),
            LEFT,
            RIGHT);
    LogAxis y =
        LogAxis.around(
            Math.max(1, points.stream().mapToDouble(BenchRow.Point::runNanos).min().orElse(1)),
            points.stream().mapToDouble(BenchRow.Point::runNanos).max().orElse(1),
            top + CURVES,
            top);
    for (double tick : y.ticks()) {
      line(LEFT, y.at(tick), RIGHT, y.at(tick), "#e4e4e4", 1);
      text(LEFT - 14, y.at(tick) + 4, "end", 12, "#666", number(tick));
    }
    for (double tick : x.ticks()) {
      line(x.at(tick), top, x.at(tick), top + CURVES, "#f0f0f0", 1);
      text(x.at(tick), top + CURVES + 20, "middle", 12, "#666", duration(tick));
    }
    for (int i = 0; i < report.rows().size(); i++) {
      curve(report.rows().get(i), x, y, colour(i));
    }
  }

  private void curve(BenchRow row, LogAxis x, LogAxis y, String colour) {
    StringBuilder path = new StringBuilder();
    for (BenchRow.Point point : row.warmUp()) {
      path.append(path.isEmpty() ? "M" : "L")
          .append(
              String.format(
                  Locale.ROOT,
                  "%.1f %.1f ",
                  x.at((double) point.sinceNanos()),
                  y.at(Math.max(1, point.runNanos()))));
    }
    add(
        "<path d=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\""
            + " stroke-linejoin=\"round\"/>%n",
        path.toString().strip(), colour);
  }

  private static String colour(int row) {
    return COLOURS.get(row % COLOURS.size());
  }

  private static String number(double nanos) {
    return nanos < 10
        ? String.format(Locale.ROOT, "%.2g", nanos).replaceAll("\\.0$", "")
        : String.format(Locale.ROOT, "%,.0f", nanos);
  }

  private static String duration(double nanos) {
    if (nanos < MICRO) {
      return "%.0f ns".formatted(nanos);
    }
    if (nanos < MICRO * MICRO) {
      return "%.0f µs".formatted(nanos / MICRO);
    }
    return nanos < MICRO * MICRO * MICRO
        ? "%.0f ms".formatted(nanos / MICRO / MICRO)
        : "%.0f s".formatted(nanos / MICRO / MICRO / MICRO);
  }

  private void line(double x1, double y1, double x2, double y2, String colour, int width) {
    add(
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\""
            + " stroke-width=\"%d\"/>%n",
        x1, y1, x2, y2, colour, width);
  }

  private void text(double x, double y, String anchor, int size, String colour, String words) {
    add(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\" fill=\"%s\">%s</text>%n",
        x, y, anchor, size, colour, escaped(words));
  }

  private static String escaped(String words) {
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private void add(String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values));
  }
}
