package org.ebpf4j.bench;

import java.time.LocalDate;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;

/// The page of figures, as Markdown: a section for each benchmark class, a row for each combination
/// of method and parameters, a column for each number of threads.
final class PerformancePage {
  private final StringBuilder page = new StringBuilder();

  /// A page that says where its figures come from.
  ///
  /// @param command what writes it anew
  PerformancePage(Machine before, Machine after, String command) {
    page.append("# Performance\n\n")
        .append("Written by `")
        .append(command)
        .append("` on ")
        .append(LocalDate.now())
        .append("; not to be edited.\n\n")
        .append("- before: ")
        .append(before.describe())
        .append("\n- after: ")
        .append(after.describe())
        .append(
            "\n\nFigures of a busy machine are good for comparing rows of one run, not runs with"
                + " each other. ± is JMH's error at 99.9 %, and is missing where there were too few"
                + " iterations to tell.\n");
  }

  /// Adds the tables of `ebpf bench`.
  PerformancePage addPrograms(Iterable<MeasuredPrograms.Table> tables) {
    page.append(
        """

        ## Programs, side by side

        Each by one call of `ebpf bench`, with a JVM of its own, in which all settings take turns. Linux's figure is what
        `BPF_PROG_TEST_RUN` says, and the last column an empty program's: what the host takes around each run.
        """);
    tables(tables);
    return this;
  }

  /// Adds the tables of programs that nobody has proven.
  PerformancePage addUnverified(Iterable<MeasuredPrograms.Table> tables) {
    page.append(
        """

        ## Unverified programs

        The same as programs that the verifier has not seen: each access is held against what the run may touch, in the interpreter and
        in compiled code.
        """);
    tables(tables);
    return this;
  }

  private void tables(Iterable<MeasuredPrograms.Table> tables) {
    for (MeasuredPrograms.Table table : tables) {
      page.append("\n`ebpf bench ")
          .append(table.arguments())
          .append("`\n\n```\n")
          .append(table.text())
          .append("\n```\n");
    }
  }

  /// Adds what the compiler takes.
  PerformancePage addCosts(
      Iterable<CompilerCost.Cost> costs, Iterable<CompilerCost.Growth> growth) {
    page.append(
        """

        ## What the compiler takes

        Time is what loading takes the processor longer with the compiler than with the interpreter, in a warm JVM (the median of
        differences between loads in turn); memory is that of classes (Metaspace and compressed class space), for each of twenty
        copies that are held at once.

        | object | instructions | compile time | per 1,000 instructions | memory |
        |---|--:|--:|--:|--:|
        """);
    for (CompilerCost.Cost cost : costs) {
      page.append(
          String.format(
              Locale.ROOT,
              "| %s | %,d | %,.1f ms | %,.1f ms | %,d KB |%n",
              cost.object(),
              cost.instructions(),
              cost.compileMillis(),
              cost.compileMillis() * 1000 / cost.instructions(),
              cost.classBytes() / 1000));
    }
    page.append("\nThe firewall loaded, run and closed, again and again:\n\n")
        .append("| rounds | memory of classes | classes |\n|--:|--:|--:|\n");
    for (CompilerCost.Growth after : growth) {
      page.append(
          String.format(
              Locale.ROOT,
              "| %,d | %,d KB | %,d |%n",
              after.rounds(),
              after.classBytes() / 1000,
              after.classes()));
    }
    return this;
  }

  /// Adds what JMH measured.
  PerformancePage add(Collection<RunResult> results) {
    Map<String, Map<String, Map<Integer, String>>> sections = new TreeMap<>();
    for (RunResult result : results) {
      BenchmarkParams params = result.getParams();
      String method = params.getBenchmark();
      String owner = method.substring(0, method.lastIndexOf('.'));
      String section = owner.substring(owner.lastIndexOf('.') + 1);
      StringJoiner row = new StringJoiner(" ");
      row.add(method.substring(owner.length() + 1));
      params.getParamsKeys().forEach(key -> row.add(params.getParam(key).toLowerCase(Locale.ROOT)));
      put(sections, section, row.toString(), params.getThreads(), result.getPrimaryResult());
      result
          .getSecondaryResults()
          .forEach(
              (name, more) -> put(sections, section, row + " " + name, params.getThreads(), more));
    }
    sections.forEach(this::section);
    return this;
  }

  private static void put(
      Map<String, Map<String, Map<Integer, String>>> sections,
      String section,
      String row,
      int threads,
      Result<?> result) {
    sections
        .computeIfAbsent(section, name -> new TreeMap<>())
        .computeIfAbsent(row, name -> new TreeMap<>())
        .put(threads, figure(result));
  }

  private static String figure(Result<?> result) {
    String unit = result.getScoreUnit().replace("us", "µs");
    double error = result.getScoreError();
    return Double.isFinite(error)
        ? String.format(Locale.ROOT, "%,.1f ± %,.1f %s", result.getScore(), error, unit)
        : String.format(Locale.ROOT, "%,.1f %s", result.getScore(), unit);
  }

  private void section(String name, Map<String, Map<Integer, String>> rows) {
    boolean two = rows.values().stream().anyMatch(row -> row.containsKey(2));
    page.append("\n## ").append(name).append("\n\n| | one thread |");
    page.append(two ? " two threads |\n|---|--:|--:|\n" : "\n|---|--:|\n");
    rows.forEach((row, figures) -> {
      page.append("| ").append(row).append(" | ").append(figures.getOrDefault(1, "–")).append(" |");
      page.append(two ? " " + figures.getOrDefault(2, "–") + " |\n" : "\n");
    });
  }

  /// Adds the table of a long capture's memory.
  PerformancePage add(Iterable<CaptureMemory.Peak> peaks) {
    page.append("\n## Memory of a long capture\n\n")
        .append("`ebpf run` of the firewall, with `--json`, on the packets of web.pcap repeated; ")
        .append(CaptureMemory.HEAP)
        .append(". The peak is that of the whole process (VmHWM).\n\n")
        .append("| packets | capture | peak | time |\n|--:|--:|--:|--:|\n");
    for (CaptureMemory.Peak peak : peaks) {
      page.append(
          String.format(
              Locale.ROOT,
              "| %,d | %,d MB | %,d MB | %,d s |%n",
              peak.packets(),
              peak.captureBytes() / 1_000_000,
              peak.peakKilobytes() / 1000,
              peak.seconds()));
    }
    return this;
  }

  @Override
  public String toString() {
    return page.toString();
  }
}
