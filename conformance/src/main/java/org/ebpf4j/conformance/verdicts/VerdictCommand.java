package org.ebpf4j.conformance.verdicts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.ebpf4j.conformance.Corpus;
import org.ebpf4j.conformance.CorpusRow;
import org.ebpf4j.linux.LinuxHost;

/// Puts every program of a folder's objects before both verifiers and prints how they compare.
///
///     VerdictCommand FOLDER [--verdicts FILE] [--rounds N] [--record FILE]
///
/// Without a file of verdicts, which has the form of `corpus/verdicts-6.12.jsonl`, the live kernel
/// is asked. `--record` keeps its verdicts in such a file.
public final class VerdictCommand {
  private VerdictCommand() {}

  public static void main(String[] arguments) throws IOException {
    Map<String, String> options = new HashMap<>();
    for (int i = 1; i + 1 < arguments.length; i += 2) {
      options.put(arguments[i], arguments[i + 1]);
    }
    if (arguments.length % 2 == 0) {
      System.err.println(
          "usage: VerdictCommand FOLDER [--verdicts FILE] [--rounds N] [--record FILE]");
      System.exit(2);
    }
    Path folder = Path.of(arguments[0]);
    ObjectVerdicts both =
        new ObjectVerdicts(Integer.parseInt(options.getOrDefault("--rounds", "1")));
    String verdicts = options.get("--verdicts");
    if (verdicts != null) {
      for (Map.Entry<String, List<CorpusRow>> object : Corpus.read(Path.of(verdicts)).entrySet()) {
        both.compareWith(folder.resolve(object.getKey()), object.getValue());
      }
    } else {
      compareWithKernel(both, folder);
    }
    Report.print(both.comparisons(), System.out);
    if (options.containsKey("--record")) {
      both.record(Path.of(options.get("--record")));
    }
  }

  private static void compareWithKernel(ObjectVerdicts both, Path folder) throws IOException {
    List<Path> objects;
    try (Stream<Path> files = Files.list(folder)) {
      objects = files.filter(file -> file.toString().endsWith(".o")).sorted().toList();
    }
    try (LinuxHost host = LinuxHost.open()) {
      objects.forEach(object -> both.compareWithKernel(host, object));
    }
  }
}
