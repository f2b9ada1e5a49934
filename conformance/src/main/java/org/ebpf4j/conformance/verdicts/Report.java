package org.ebpf4j.conformance.verdicts;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/// Prints comparisons as a table, with sums below.
final class Report {
  private Report() {}

  static void print(List<Comparison> comparisons, PrintStream out) {
    out.printf(
        "%-36s %-36s %-7s %-7s %9s %9s %9s %9s %s%n",
        "object", "program", "kernel", "here", "walked", "here", "µs", "here", "differs in");
    Map<String, Integer> counts = new TreeMap<>();
    int refused = 0;
    int sameMessage = 0;
    int sameErrno = 0;
    for (Comparison c : comparisons) {
      counts.merge(
          c.kernel().verdict() + " there, " + c.ours().verdict() + " here", 1, Integer::sum);
      boolean both = c.agrees() && c.kernel().verdict().equals(Judgement.REJECT);
      refused += both ? 1 : 0;
      sameMessage += both && c.sameMessage() ? 1 : 0;
      sameErrno += both && c.sameErrno() ? 1 : 0;
      out.printf(
          "%-36s %-36s %-7s %-7s %9d %9d %9d %9d %s%n",
          c.object(),
          c.program(),
          c.kernel().verdict(),
          c.ours().verdict(),
          c.kernel().processed(),
          c.ours().processed(),
          c.kernel().micros(),
          c.ours().micros(),
          difference(c));
    }
    counts.forEach((what, count) -> out.printf("%6d %s%n", count, what));
    out.printf("%6d of %d refused by both for the same reason%n", sameMessage, refused);
    out.printf("%6d of %d with the same error number, where one is known%n", sameErrno, refused);
    List<Comparison> large = comparisons.stream().filter(Comparison::isLong).toList();
    if (!large.isEmpty()) {
      out.printf(
          "%6d of more than 1,000 walked: instructions %.3f times the kernel's, time %.3f times%n",
          large.size(),
          mean(large, c -> (double) c.ours().processed() / c.kernel().processed()),
          mean(large, c -> (c.ours().micros() + 1.0) / (c.kernel().micros() + 1.0)));
    }
  }

  private static String difference(Comparison c) {
    if (!c.kernel().isVerdict() || (c.agrees() && c.sameMessage() && c.sameErrno())) {
      return "";
    }
    return "there: %s %s | here: %s %s"
        .formatted(c.kernel().errno(), c.kernel().message(), c.ours().errno(), c.ours().message());
  }

  /// The geometric mean.
  private static double mean(List<Comparison> comparisons, ToDoubleFunction<Comparison> ratio) {
    double sum = 0;
    for (Comparison c : comparisons) {
      sum += Math.log(ratio.applyAsDouble(c));
    }
    return Math.exp(sum / comparisons.size());
  }
}
