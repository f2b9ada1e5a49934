package org.ebpf4j.conformance.verdicts;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.ebpf4j.LoadException;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.elf.ObjectFileException;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.RunningKernel;
import org.ebpf4j.relocation.CoreRelocationException;
import org.ebpf4j.relocation.CoreRelocator;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.testkit.InstructionMutator;
import org.ebpf4j.verifier.VerifierOptions;

/// Changes an instruction in each program of a folder's objects, puts the result before both
/// verifiers and prints what they do not agree on, sorted by cause. Needs root.
///
///     MutantCommand FOLDER [OPTION=VALUE]...
///
/// with the options `seed=N`, `rounds=N`, `seconds=N`, `object=NAME`, `program=NAME`, `slow=MICROS`
/// and `show=N`, how many changes are printed of each cause.
///
/// Round after round, each program gets one change, which follows from seed and round; `object=`
/// and `program=` with the round as `seed=` and `rounds=1` make one again. Programs for which the
/// kernel takes longer than `slow` are left out.
public final class MutantCommand {
  private final LinuxHost host = LinuxHost.open();
  private final Btf kernelTypes = host.kernelTypes();
  private final Map<String, String> options;
  private final long slow;
  private final Map<Path, CollectionSpec> originals = new LinkedHashMap<>();
  private final Map<String, List<String>> byCause = new TreeMap<>();
  private final Map<String, Integer> counts = new TreeMap<>();
  private int reasons;
  private int sameReason;

  private MutantCommand(Map<String, String> options) {
    this.options = options;
    this.slow = Long.parseLong(options.getOrDefault("slow", "20000"));
  }

  public static void main(String[] arguments) throws IOException {
    Map<String, String> options = new HashMap<>();
    for (int i = 1; i < arguments.length; i++) {
      int equals = arguments[i].indexOf('=');
      if (equals < 0) {
        usage();
      }
      options.put(arguments[i].substring(0, equals), arguments[i].substring(equals + 1));
    }
    if (arguments.length == 0) {
      usage();
    }
    MutantCommand command = new MutantCommand(options);
    command.read(Path.of(arguments[0]));
    command.run();
    command.print();
  }

  private static void usage() {
    System.err.println(
        "usage: MutantCommand FOLDER [seed=N] [rounds=N] [seconds=N] [object=NAME] [program=NAME] "
            + "[slow=MICROS] [show=N]");
    System.exit(2);
  }

  private void read(Path folder) throws IOException {
    List<Path> objects;
    try (Stream<Path> files = Files.list(folder)) {
      objects = files.filter(file -> file.toString().endsWith(".o")).sorted().toList();
    }
    for (Path object : objects) {
      String name = object.getFileName().toString();
      if (options.getOrDefault("object", name).equals(name)) {
        try {
          CollectionSpec spec = RunningKernel.configured(CollectionReader.read(object));
          originals.put(object, quick(relocated(spec)));
        } catch (ObjectFileException | LoadException e) {
          System.err.printf("%s: left out: %s%n", name, e.getMessage());
        }
      }
    }
  }

  /// With all adjusted to the kernel's types, so that a change does not undo it.
  private CollectionSpec relocated(CollectionSpec collection) {
    CoreRelocator relocator = new CoreRelocator(collection.btf(), kernelTypes);
    Map<String, ProgramSpec> programs = new LinkedHashMap<>();
    for (ProgramSpec program : collection.programs().values()) {
      if (!options.getOrDefault("program", program.name()).equals(program.name())) {
        continue;
      }
      try {
        programs.put(program.name(), plain(relocator.relocate(program).program()));
      } catch (CoreRelocationException e) {
        System.err.printf("%s: left out: %s%n", program.name(), e.getMessage());
      }
    }
    return with(collection, programs);
  }

  private static ProgramSpec plain(ProgramSpec p) {
    return new ProgramSpec(
        p.name(),
        p.section(),
        p.kind(),
        p.bytecode(),
        p.functions(),
        p.references(),
        List.of(),
        p.lines(),
        p.autoload());
  }

  /// Without the programs that the kernel has no verdict for, or takes long for.
  private CollectionSpec quick(CollectionSpec collection) {
    Map<String, ProgramSpec> programs = new LinkedHashMap<>();
    try (KernelVerdicts kernel = new KernelVerdicts(host, collection)) {
      for (ProgramSpec program : collection.programs().values()) {
        Judgement verdict = kernel.of(program);
        if (verdict.isVerdict() && verdict.micros() < slow) {
          programs.put(program.name(), program);
        }
      }
    }
    return with(collection, programs);
  }

  private static CollectionSpec with(CollectionSpec old, Map<String, ProgramSpec> programs) {
    return new CollectionSpec(
        old.name(),
        old.order(),
        old.license(),
        old.kernelVersion(),
        old.btf(),
        old.maps(),
        programs);
  }

  private void run() {
    long seed = Long.parseLong(options.getOrDefault("seed", "1"));
    long rounds = Long.parseLong(options.getOrDefault("rounds", "1000000"));
    long seconds = Long.parseLong(options.getOrDefault("seconds", "60"));
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    for (long round = seed; round < seed + rounds; round++) {
      for (Map.Entry<Path, CollectionSpec> original : originals.entrySet()) {
        if (System.nanoTime() > end) {
          System.out.printf("ended in round %d%n", round);
          return;
        }
        round(original.getKey().getFileName().toString(), original.getValue(), round);
      }
    }
  }

  private void round(String object, CollectionSpec original, long round) {
    Map<String, ProgramSpec> programs = new LinkedHashMap<>();
    Map<String, String> changes = new HashMap<>();
    List<String> maps = new ArrayList<>(original.maps().keySet());
    for (ProgramSpec program : original.programs().values()) {
      String key = object + "/" + program.name();
      InstructionMutator.Mutant mutant =
          new InstructionMutator(round * 31 + key.hashCode()).mutate(program, maps);
      programs.put(program.name(), mutant.program());
      changes.put(
          program.name(),
          "%s seed=%d, %d: %s -> %s"
              .formatted(
                  key,
                  round,
                  mutant.slot(),
                  text(program.bytecode(), mutant.slot()),
                  text(mutant.program().bytecode(), mutant.slot())));
    }
    CollectionSpec mutants = with(original, programs);
    VerifierOptions judged =
        VerifierOptions.DEFAULT
            .withKernelTypes(kernelTypes)
            .withCpus(host.cpus())
            .withVariableAddresses(RunningKernel.findsVariables());
    OwnVerdicts ours = new OwnVerdicts(mutants, judged, 0);
    try (KernelVerdicts kernel = new KernelVerdicts(host, mutants)) {
      for (ProgramSpec mutant : programs.values()) {
        Judgement here = ours.of(mutant);
        count(kernel.of(mutant), here, String.valueOf(changes.get(mutant.name())));
      }
    } catch (LoadException e) {
      System.err.printf("%s: round %d left out: %s%n", object, round, e.getMessage());
    }
  }

  private static String text(Bytecode bytecode, int slot) {
    return "%016x".formatted(bytecode.slot(slot));
  }

  private void count(Judgement there, Judgement here, String change) {
    counts.merge(there.verdict() + " there, " + here.verdict() + " here", 1, Integer::sum);
    if (!there.verdict().equals(here.verdict())) {
      String cause =
          "%s there, %s here: %s | %s"
              .formatted(
                  there.verdict(),
                  here.verdict(),
                  general(there.message()),
                  general(here.message()));
      byCause.computeIfAbsent(cause, _ -> new ArrayList<>()).add(change);
    } else if (there.verdict().equals(Judgement.REJECT)) {
      reasons++;
      if (!there.errno().equals(here.errno())) {
        String cause =
            "error numbers: %s there, %s here: %s | %s"
                .formatted(
                    there.errno(), here.errno(), general(there.message()), general(here.message()));
        byCause.computeIfAbsent(cause, _ -> new ArrayList<>()).add(change);
      } else if (there.message().equals(here.message())) {
        sameReason++;
      } else {
        String cause =
            "refused by both: %s | %s".formatted(general(there.message()), general(here.message()));
        byCause.computeIfAbsent(cause, _ -> new ArrayList<>()).add(change);
      }
    }
  }

  /// A reason without the numbers of the case.
  private static String general(String message) {
    return message.replaceAll("0x[0-9a-f]+", "#").replaceAll("-?\\d+", "#");
  }

  private void print() {
    long shown = Long.parseLong(options.getOrDefault("show", "3"));
    byCause.forEach((cause, changes) -> {
      System.out.printf("%5d %s%n", changes.size(), cause);
      changes.stream().limit(shown).forEach(change -> System.out.printf("        %s%n", change));
    });
    counts.forEach((what, count) -> System.out.printf("%6d %s%n", count, what));
    System.out.printf("%6d of %d refused by both for the same reason%n", sameReason, reasons);
    host.close();
  }
}
