package org.ebpf4j.conformance.verdicts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.ebpf4j.LoadException;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.conformance.CorpusRow;
import org.ebpf4j.elf.ObjectFileException;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.RunningKernel;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.verifier.LinuxTypes;
import org.ebpf4j.verifier.VerifierOptions;

/// Puts the programs of objects before both verifiers, and keeps how they compare.
public final class ObjectVerdicts {
  private static final Path RUNNING_KERNEL = Path.of("/sys/kernel/btf/vmlinux");

  private final int rounds;
  private final Btf kernelTypes;
  private final List<Comparison> comparisons = new ArrayList<>();
  private final VerdictFile record = new VerdictFile();

  /// @param rounds how often this project's verifier judges each program, for its time
  public ObjectVerdicts(int rounds) throws IOException {
    this.rounds = rounds;
    this.kernelTypes = kernelTypes();
  }

  /// The running kernel's types, or those that come with ebpf4j.
  public static Btf kernelTypes() throws IOException {
    return Files.isReadable(RUNNING_KERNEL)
        ? BtfReader.read(RUNNING_KERNEL.toString(), Files.readAllBytes(RUNNING_KERNEL))
        : LinuxTypes.shipped();
  }

  /// Compares with what a kernel said earlier.
  ///
  /// @param rows of the object's programs
  public void compareWith(Path object, List<CorpusRow> rows) {
    CollectionSpec collection = CollectionReader.read(object);
    OwnVerdicts ours = ours(collection);
    for (CorpusRow row : rows) {
      Judgement kernel =
          new Judgement(
              row.kernel().name().toLowerCase(Locale.ROOT),
              row.kernelMessage().orElse(""),
              row.errno(),
              row.processed(),
              0);
      collection
          .program(row.program())
          .ifPresent(program -> add(row.object(), program, kernel, ours));
    }
  }

  /// Compares with what the live kernel says. An object of which it does not take what surrounds
  /// the programs is left out, and that is said on standard error.
  public void compareWithKernel(LinuxHost host, Path object) {
    String name = String.valueOf(object.getFileName());
    try {
      CollectionSpec collection = LoaderSizes.filledIn(CollectionReader.read(object));
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

  /// All comparisons so far.
  public List<Comparison> comparisons() {
    return List.copyOf(comparisons);
  }

  /// Keeps the live kernel's verdicts, in the form of `corpus/verdicts-6.12.jsonl`.
  public void record(Path file) throws IOException {
    record.write(file);
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
