package org.ebpf4j.conformance.verdicts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.ebpf4j.LoadException;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.conformance.Corpus;
import org.ebpf4j.conformance.CorpusRow;
import org.ebpf4j.elf.ObjectFileException;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.RunningKernel;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.verifier.LinuxTypes;
import org.ebpf4j.verifier.VerifierOptions;

/// Puts every program of a folder's objects before both verifiers and prints how they compare.
///
///     VerdictCommand FOLDER [--verdicts FILE] [--rounds N] [--record FILE]
///
/// Without a file of verdicts, which has the form of `corpus/verdicts-6.12.jsonl`, the live kernel
/// is asked. `--record` keeps its verdicts in such a file.
public final class VerdictCommand {
  private static final Path RUNNING_KERNEL = Path.of("/sys/kernel/btf/vmlinux");

  private final Path folder;
  private final int rounds;
  private final Btf kernelTypes;
  private final List<Comparison> comparisons = new ArrayList<>();
  private final VerdictFile record = new VerdictFile();

  private VerdictCommand(Path folder, int rounds) throws IOException {
    this.folder = folder;
    this.rounds = rounds;
    this.kernelTypes =
        Files.isReadable(RUNNING_KERNEL)
            ? BtfReader.read(RUNNING_KERNEL.toString(), Files.readAllBytes(RUNNING_KERNEL))
            : LinuxTypes.shipped();
  }

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
    VerdictCommand command =
        new VerdictCommand(
            Path.of(arguments[0]), Integer.parseInt(options.getOrDefault("--rounds", "1")));
    String verdicts = options.get("--verdicts");
    if (verdicts != null) {
      command.compareWith(Corpus.read(Path.of(verdicts)));
    } else {
      command.compareWithKernel();
    }
    Report.print(command.comparisons, System.out);
    if (options.containsKey("--record")) {
      command.record.write(Path.of(options.get("--record")));
    }
  }

  private void compareWith(Map<String, List<CorpusRow>> rows) {
    for (Map.Entry<String, List<CorpusRow>> object : rows.entrySet()) {
      CollectionSpec collection = CollectionReader.read(folder.resolve(object.getKey()));
      OwnVerdicts ours = ours(collection);
      for (CorpusRow row : object.getValue()) {
        Judgement kernel =
            new Judgement(
                row.kernel().name().toLowerCase(Locale.ROOT),
                row.kernelMessage().orElse(""),
                row.processed(),
                0);
        collection
            .program(row.program())
            .ifPresent(program -> add(object.getKey(), program, kernel, ours));
      }
    }
  }

  private void compareWithKernel() throws IOException {
    List<Path> objects;
    try (Stream<Path> files = Files.list(folder)) {
      objects = files.filter(file -> file.toString().endsWith(".o")).sorted().toList();
    }
    try (LinuxHost host = LinuxHost.open()) {
      for (Path object : objects) {
        compareWithKernel(host, object);
      }
    }
  }

  private void compareWithKernel(LinuxHost host, Path object) {
    String name = object.getFileName().toString();
    try {
      CollectionSpec collection = CollectionReader.read(object);
      OwnVerdicts ours = ours(collection);
      try (KernelVerdicts kernel = new KernelVerdicts(host, collection)) {
        for (ProgramSpec program : collection.programs().values()) {
          Judgement theirs = kernel.of(program);
          record.add(name, program, theirs);
          add(name, program, theirs, ours);
        }
      }
    } catch (ObjectFileException | LoadException e) {
      System.err.printf("%s: left out: %s%n", name, e.getMessage());
    }
  }

  private OwnVerdicts ours(CollectionSpec collection) {
    VerifierOptions options =
        VerifierOptions.DEFAULT
            .withKernelTypes(kernelTypes)
            .withCpus(RunningKernel.cpus())
            .withVariableAddresses(RunningKernel.findsVariables());
    return new OwnVerdicts(RunningKernel.configured(collection), options, rounds);
  }

  private void add(String object, ProgramSpec program, Judgement kernel, OwnVerdicts ours) {
    comparisons.add(
        new Comparison(
            object,
            program.section(),
            program.name(),
            program.bytecode().size(),
            kernel,
            ours.of(program)));
  }
}
