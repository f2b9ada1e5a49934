package org.ebpf4j.verifier;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.relocation.CoreRelocationException;
import org.ebpf4j.relocation.CoreRelocator;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;

/// Judges the programs of a folder of objects and compares with a file of a kernel's verdicts.
final class CorpusAgreement {
  private static final int STRICT_ALIGNMENT = 1;
  private static final int TEST_STATE_FREQUENCY = 8;

  private final Path folder;
  private final Optional<Btf> kernelTypes;
  private final boolean unprivileged;
  private final Map<String, CollectionSpec> collections = new HashMap<>();
  private final Map<String, CoreRelocator> relocators = new HashMap<>();

  /// A program on which the two differ, or not.
  ///
  /// @param expected `accept` or `reject`
  /// @param verdict ours
  record Result(CorpusRow row, String expected, Verdict verdict) {
    String ours() {
      return switch (verdict) {
        case Verdict.Accepted a -> "accept";
        case Verdict.Refused r -> "reject";
        case Verdict.NotJudged n -> "not judged";
      };
    }

    String message() {
      return switch (verdict) {
        case Verdict.Accepted a -> "";
        case Verdict.Refused(Diagnosis d, long processed) -> d.message();
        case Verdict.NotJudged(String reason, long processed) -> reason;
      };
    }

    boolean sameMessage() {
      return message().equals(row.text("kernel_message"));
    }

    /// Whether a refusal has the kernel's error number, where the row says which that is.
    boolean sameErrno() {
      return !(verdict instanceof Verdict.Refused(Diagnosis d, long processed))
          || row.get("errno").map(errno -> errno.equals(d.errno().name())).orElse(true);
    }
  }

  CorpusAgreement(Path folder, Optional<Btf> kernelTypes, boolean unprivileged) {
    this.folder = folder;
    this.unprivileged = unprivileged;
    this.kernelTypes = kernelTypes;
  }

  /// Judges every program of the file for which the kernel has a verdict.
  List<Result> run(Path verdicts) throws IOException {
    List<Result> results = new ArrayList<>();
    for (String line : Files.readAllLines(verdicts)) {
      CorpusRow row = CorpusRow.parse(line);
      String kernel = row.text("kernel");
      if (kernel.equals("accept") || kernel.equals("reject")) {
        results.add(new Result(row, kernel, judge(row)));
      }
    }
    return results;
  }

  private Verdict judge(CorpusRow row) {
    CollectionSpec collection =
        collections.computeIfAbsent(
            row.text("object"), name -> CollectionReader.read(folder.resolve(name)));
    ProgramSpec program = collection.program(row.text("program")).orElseThrow();
    if (!program.relocations().isEmpty() && kernelTypes.isPresent()) {
      CoreRelocator relocator =
          relocators.computeIfAbsent(
              row.text("object"),
              name -> new CoreRelocator(collection.btf(), target(row, kernelTypes.get())));
      try {
        program = relocator.relocate(program).program();
      } catch (CoreRelocationException e) {
        return new Verdict.NotJudged(String.valueOf(e.getMessage()), 0);
      }
    }
    int flags = row.number("flags");
    VerifierOptions options =
        VerifierOptions.DEFAULT
            .withUnprivileged(unprivileged)
            .withStrictAlignment((flags & STRICT_ALIGNMENT) != 0)
            .withCheckpointsEverywhere((flags & TEST_STATE_FREQUENCY) != 0);
    if (kernelTypes.isPresent()) {
      options = options.withKernelTypes(kernelTypes.get());
    }
    return Verifier.verify(program, collection, options);
  }

  /// What a row relocates against: an object's BTF, or the kernel's.
  private Btf target(CorpusRow row, Btf kernel) {
    return row.get("btf")
        .map(file -> CollectionReader.read(folder.resolveSibling(file)).btf())
        .orElse(kernel);
  }

  /// Writes counts, and each difference on a line.
  static void print(List<Result> results, PrintStream out) {
    Map<String, Integer> counts = new TreeMap<>();
    int sameMessage = 0;
    int refusedByBoth = 0;
    long ours = 0;
    long kernels = 0;
    for (Result result : results) {
      counts.merge(result.expected() + " by the kernel, " + result.ours(), 1, Integer::sum);
      boolean both = result.expected().equals("reject") && result.ours().equals("reject");
      refusedByBoth += both ? 1 : 0;
      sameMessage += both && result.sameMessage() ? 1 : 0;
      if (result.expected().equals("accept") && result.ours().equals("accept")) {
        ours += result.verdict().instructionsProcessed();
        kernels += result.row().number("insns_processed");
      }
    }
    for (Result result : results) {
      if (!result.expected().equals(result.ours())) {
        out.printf(
            "%-7s %-10s %s %s: %s | %s%n",
            result.expected(),
            result.ours(),
            result.row().text("object"),
            result.row().text("program"),
            result.message(),
            result.row().text("kernel_message"));
      } else if (result.expected().equals("reject") && !result.sameMessage()) {
        out.printf(
            "message %s %s: %s | %s%n",
            result.row().text("object"),
            result.row().text("program"),
            result.message(),
            result.row().text("kernel_message"));
      }
    }
    counts.forEach((what, count) -> out.printf("%5d %s%n", count, what));
    out.printf(
        "same message on %d of %d refused by both; instructions processed %d, by the kernel %d%n",
        sameMessage, refusedByBoth, ours, kernels);
  }
}
