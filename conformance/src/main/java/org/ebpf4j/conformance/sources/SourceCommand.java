package org.ebpf4j.conformance.sources;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.conformance.Corpus;
import org.ebpf4j.conformance.CorpusRow;
import org.ebpf4j.conformance.verdicts.Comparison;
import org.ebpf4j.conformance.verdicts.Judgement;
import org.ebpf4j.conformance.verdicts.ObjectVerdicts;
import org.ebpf4j.linux.LinuxHost;

/// Generated C programs before both verifiers, for a shell: `sources.sh KIND [NAME=VALUE]...`.
public final class SourceCommand {
  private static final String USAGE =
      """
      usage: sources.sh statements|calls [from=SEED] [objects=N] [programs=N] [wrong=PERMILLE] [folder=FOLDER]
                 [record=FILE] [verdicts=FILE]
        statements  programs of a few statements in one another: locks, objects, packets, loops, callbacks
        calls       programs of one call each, of any helper or kernel function with any argument
      Asks this machine's Linux (root), or compares with the verdicts in a file that record= wrote. Sources and objects
      of a folder that is given stay there.\
      """;

  private final Map<String, String> options;
  private final ObjectVerdicts both;
  private final Map<String, Integer> counts = new TreeMap<>();
  private int seen;
  private int reasons;
  private int sameReason;
  private int sameErrno;
  private int differences;

  private SourceCommand(Map<String, String> options) throws IOException {
    this.options = options;
    this.both = new ObjectVerdicts(1);
  }

  public static void main(String[] arguments) throws IOException {
    Map<String, String> options = new HashMap<>();
    for (String argument :
        List.of(arguments).subList(Math.min(1, arguments.length), arguments.length)) {
      String[] parts = argument.split("=", 2);
      options.put(parts[0], parts.length == 2 ? parts[1] : "");
    }
    Optional<GeneratedObjects.Kind> kind =
        switch (arguments.length == 0 ? "" : arguments[0]) {
          case "statements" -> Optional.of(GeneratedObjects.Kind.STATEMENTS);
          case "calls" -> Optional.of(GeneratedObjects.Kind.CALLS);
          default -> Optional.empty();
        };
    if (kind.isEmpty() || options.containsValue("")) {
      System.err.println(USAGE);
      System.exit(2);
    }
    System.exit(new SourceCommand(options).run(kind.get()));
  }

  private int run(GeneratedObjects.Kind kind) throws IOException {
    if (options.containsKey("folder")) {
      return run(kind, Files.createDirectories(Path.of(options.get("folder"))));
    }
    Path folder = Files.createTempDirectory("sources");
    try {
      return run(kind, folder);
    } finally {
      delete(folder);
    }
  }

  private int run(GeneratedObjects.Kind kind, Path folder) throws IOException {
    Btf types = ObjectVerdicts.kernelTypes();
    return switch (GeneratedObjects.find(kind, folder, types, (int) number("wrong", 60))) {
      case GeneratedObjects.Found.Missing(String reason) -> {
        System.err.println("sources.sh: " + reason);
        yield 2;
      }
      case GeneratedObjects.Found.Ready(GeneratedObjects objects) -> {
        compare(objects);
        print();
        yield differences == 0 ? 0 : 1;
      }
    };
  }

  /// Deletes a folder of files.
  private static void delete(Path folder) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private void compare(GeneratedObjects objects) throws IOException {
    long from = number("from", 0);
    long count = number("objects", 100);
    int programs = (int) number("programs", 20);
    if (options.containsKey("verdicts")) {
      Map<String, List<CorpusRow>> rows = Corpus.read(Path.of(options.get("verdicts")));
      for (long seed = from; seed < from + count; seed++) {
        List<CorpusRow> known = rows.get(objects.name(seed) + ".bpf.o");
        if (known != null) {
          both.compareWith(objects.make(seed, programs), known);
        }
        printNew();
      }
      return;
    }
    try (LinuxHost host = LinuxHost.open()) {
      for (long seed = from; seed < from + count; seed++) {
        both.compareWithKernel(host, objects.make(seed, programs));
        printNew();
      }
    }
    if (options.containsKey("record")) {
      both.record(Path.of(options.get("record")));
    }
  }

  /// Differences are printed as they are found: a run takes long.
  private void printNew() {
    List<Comparison> all = both.comparisons();
    for (; seen < all.size(); seen++) {
      Comparison c = all.get(seen);
      if (isKernelFault(c.kernel())) {
        counts.merge("faults of Linux's own", 1, Integer::sum);
        continue;
      }
      counts.merge(
          c.kernel().verdict() + " there, " + c.ours().verdict() + " here", 1, Integer::sum);
      boolean refused = c.agrees() && c.kernel().verdict().equals(Judgement.REJECT);
      reasons += refused ? 1 : 0;
      sameReason += refused && c.sameMessage() ? 1 : 0;
      sameErrno += refused && c.sameErrno() ? 1 : 0;
      boolean differs = c.kernel().isVerdict() && !c.agrees();
      differences += differs ? 1 : 0;
      if (differs || (refused && !(c.sameMessage() && c.sameErrno()))) {
        System.out.printf(
            "%s %s %s there, %s here: %s %s | %s %s%n",
            c.object(),
            c.program(),
            c.kernel().verdict(),
            c.ours().verdict(),
            c.kernel().errno(),
            c.kernel().message(),
            c.ours().errno(),
            c.ours().message());
      }
    }
  }

  /// Whether Linux's verifier says of itself that it has erred.
  static boolean isKernelFault(Judgement kernel) {
    return kernel.message().startsWith("verifier bug");
  }

  private void print() {
    counts.forEach((what, count) -> System.out.printf(Locale.ROOT, "%6d %s%n", count, what));
    System.out.printf("%6d of %d refused by both for the same reason%n", sameReason, reasons);
    System.out.printf("%6d of %d with the same error number%n", sameErrno, reasons);
  }

  private long number(String name, long otherwise) {
    return options.containsKey(name) ? Long.parseLong(options.get(name)) : otherwise;
  }
}
