package org.ebpf4j.cli.verify;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.ebpf4j.cli.option.KernelTypesOption;
import org.ebpf4j.cli.option.TypeOption;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.cli.output.Console;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.linux.RunningKernel;
import org.ebpf4j.relocation.CoreRelocationException;
import org.ebpf4j.relocation.CoreRelocator;
import org.ebpf4j.runtime.FaultReplay;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.Diagnosis;
import org.ebpf4j.verifier.KernelTypeNeeds;
import org.ebpf4j.verifier.LinuxTypes;
import org.ebpf4j.verifier.ReplacedProgram;
import org.ebpf4j.verifier.Verdict;
import org.ebpf4j.verifier.Verifier;
import org.ebpf4j.verifier.VerifierOptions;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `ebpf verify`: says of each program of each object whether Linux would take it, and why not.
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = "Proves programs safe, as Linux 6.18 would, and says why one is not.",
    footer = {
      "",
      "Flags: strict_alignment, any_alignment, test_rnd_hi32, test_state_freq, sleepable,",
      "xdp_has_frags, test_reg_invariants.",
      "Exit code: 0 when all are accepted, else 1.",
      "Example: ebpf verify examples/firewall/firewall.bpf.o",
      "Example: ebpf verify patch.bpf.o --replaces balancer.bpf.o:balance",
    })
public final class VerifyCommand implements Callable<Integer> {
  @Parameters(
      arity = "1..*",
      paramLabel = "OBJECT",
      description = "Object files, as clang writes them.")
  private List<Path> objects = List.of();

  @Option(names = "--program", paramLabel = "NAME", description = "Only the program of this name.")
  private Optional<String> program = Optional.empty();

  @Option(
      names = "--flags",
      split = ",",
      paramLabel = "FLAG",
      description = "Load flags by Linux's names, see below.")
  private List<String> flags = List.of();

  @Option(
      names = "--unprivileged",
      description = "Judge as Linux does for a loader without CAP_BPF and CAP_PERFMON.")
  private boolean unprivileged;

  @Option(
      names = "--cpus",
      paramLabel = "N",
      description = {
        "CPUs that the host may have: a processor's number is below this.",
        "Default: this machine's where the running kernel's types are used, else 8192."
      })
  private Optional<Integer> cpus = Optional.empty();

  @Option(
      names = "--replaces",
      paramLabel = "OBJECT[:PROGRAM[/FUNCTION]]",
      description = {
        "The program of which those in sections freplace/FUNCTION replace a function.",
        "PROGRAM may be left out where the object has only one, FUNCTION where the section says it."
      })
  private Optional<String> replaces = Optional.empty();

  @Mixin private TypeOption type = new TypeOption();

  @Mixin private KernelTypesOption kernelTypes = new KernelTypesOption();

  @ArgGroup private Form form = new Form();

  @Option(
      names = "--no-replay",
      negatable = false,
      description = "Do not look for an input that shows a fault in the interpreter.")
  private boolean noReplay;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Console console;

  /// What is printed; text without any.
  private static final class Form {
    @Option(names = "--json", description = "One JSON object a line for each program.")
    private boolean json;

    @Option(names = "--sarif", description = "SARIF 2.1.0, for editors and CI.")
    private boolean sarif;

    @Option(
        names = "--html",
        paramLabel = "FILE",
        description = "Writes a page of source, instructions and what is known at each.")
    private Optional<Path> html = Optional.empty();

    @Option(names = "--log", description = "The whole log, in the form of the kernel's at level 2.")
    private boolean log;
  }

  public VerifyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    List<LoadFlags> loadFlags = loadFlags();
    kernelTypes.check();
    VerifierOptions options =
        VerifierOptions.DEFAULT.withCpus(cpus()).withUnprivileged(unprivileged);
    for (LoadFlags flag : loadFlags) {
      options = flag.applyTo(options);
    }
    if (replaces.isPresent()) {
      options = options.withReplaced(replaced(replaces.get()));
    }
    VerifyReport report = report();
    boolean accepted = true;
    int judged = 0;
    for (Path object : objects) {
      for (Judged each : judge(object, options, loadFlags)) {
        judged++;
        accepted &= each.isAccepted();
        report.add(each);
      }
    }
    report.end();
    if (judged == 0) {
      throw new CommandException(
          program
              .map(name -> "no program named " + name + " in the objects given")
              .orElse("no program in the objects given"));
    }
    return accepted ? 0 : 1;
  }

  /// Reads `OBJECT[:PROGRAM[/FUNCTION]]`.
  private ReplacedProgram replaced(String text) {
    int colon = Files.exists(Path.of(text)) ? text.length() : text.lastIndexOf(':');
    Path object = Path.of(colon < 0 ? text : text.substring(0, colon));
    String[] names = text.substring(Math.min(colon + 1, text.length())).split("/", 2);
    CollectionSpec collection = configured(CollectionReader.read(object));
    Map<String, ProgramSpec> programs = collection.programs();
    ProgramSpec found =
        names[0].isEmpty() && programs.size() == 1
            ? programs.values().iterator().next()
            : programs.get(names[0]);
    if (found == null) {
      throw new CommandException(
          "--replaces %s: name one of the object's programs as OBJECT:PROGRAM: %s"
              .formatted(text, String.join(", ", programs.keySet())));
    }
    if (!found.relocations().isEmpty()) {
      found = new CoreRelocator(collection.btf(), kernelTypes.types()).relocate(found).program();
    }
    Optional<String> function = names.length > 1 ? Optional.of(names[1]) : Optional.empty();
    return new ReplacedProgram(found, collection, function);
  }

  private int cpus() {
    int number =
        cpus.orElseGet(
            () -> kernelTypes.areRunning() ? RunningKernel.cpus() : VerifierOptions.DEFAULT.cpus());
    if (number < 1) {
      throw new ParameterException(
          spec.commandLine(), "--cpus is %d: a host has one CPU or more".formatted(number));
    }
    return number;
  }

  private CollectionSpec configured(CollectionSpec collection) {
    return kernelTypes.areRunning()
        ? RunningKernel.configured(collection)
        : LinuxTypes.configured(collection);
  }

  private VerifyReport report() {
    if (form.json) {
      return new VerifyJson(console);
    }
    if (form.sarif) {
      return new VerifySarif(console);
    }
    if (form.log) {
      return new VerifyLog(console);
    }
    return form.html.isPresent()
        ? new VerifyHtml(console, form.html.get())
        : new VerifyText(console);
  }

  private List<LoadFlags> loadFlags() {
    List<LoadFlags> found = new ArrayList<>();
    for (String name : flags) {
      found.add(
          LoadFlags.byName(name)
              .orElseThrow(() ->
                  new ParameterException(
                      spec.commandLine(),
                      "unknown flag '%s': %s".formatted(name, LoadFlags.names()))));
    }
    return found;
  }

  /// Judges an object's programs. One that cannot be read is an error, and the rest goes on.
  private List<Judged> judge(Path object, VerifierOptions options, List<LoadFlags> loadFlags) {
    CollectionSpec collection;
    try {
      collection = configured(type.applyTo(CollectionReader.read(object)));
    } catch (EbpfException e) {
      console.error(String.valueOf(e.getMessage()));
      return List.of(Judged.unreadable(object.toString(), String.valueOf(e.getMessage())));
    }
    List<Judged> judged = new ArrayList<>();
    Optional<CoreRelocator> relocator = Optional.empty();
    for (ProgramSpec each : collection.programs().values()) {
      if (program.isPresent() && !program.get().equals(each.name())) {
        continue;
      }
      ProgramSpec flagged = each;
      for (LoadFlags flag : loadFlags) {
        flagged = flag.applyTo(flagged);
      }
      if (!flagged.relocations().isEmpty() && relocator.isEmpty()) {
        relocator = Optional.of(new CoreRelocator(collection.btf(), kernelTypes.types()));
      }
      judged.add(judge(object, flagged, collection, relocator, options));
    }
    return judged;
  }

  private Judged judge(
      Path object,
      ProgramSpec given,
      CollectionSpec collection,
      Optional<CoreRelocator> relocator,
      VerifierOptions plain) {
    VerifierOptions options =
        KernelTypeNeeds.any(given, collection) ? plain.withKernelTypes(kernelTypes.types()) : plain;
    if (kernelTypes.areRunning()
        && given.references().stream().anyMatch(r -> r instanceof Reference.KernelVariable)) {
      options = options.withVariableAddresses(RunningKernel.findsVariables());
    }
    ProgramSpec relocated = given;
    Map<Integer, String> unadjusted = Map.of();
    Verdict verdict;
    long start = System.nanoTime();
    try {
      if (!given.relocations().isEmpty() && relocator.isPresent()) {
        CoreRelocator.Result adjusted = relocator.get().relocate(given);
        relocated = adjusted.program();
        unadjusted = adjusted.failures();
        start = System.nanoTime(); // the verifier's time, as Linux gives it too
      }
      verdict = Verifier.verify(relocated, collection, options);
      if (verdict instanceof Verdict.NotJudged && options.kernelTypes().isEmpty()) {
        options = plain.withKernelTypes(kernelTypes.types());
        verdict = Verifier.verify(relocated, collection, options);
      }
      verdict = withCause(verdict, unadjusted);
    } catch (CoreRelocationException e) {
      verdict = new Verdict.NotJudged(String.valueOf(e.getMessage()), 0);
    }
    long micros = (System.nanoTime() - start) / 1000;
    Optional<FaultReplay.Witness> witness =
        !noReplay && verdict instanceof Verdict.Refused(Diagnosis diagnosis, long processed)
            ? FaultReplay.find(
                given, collection, options.kernelTypes().orElse(collection.btf()), diagnosis)
            : Optional.empty();
    return new Judged(
        object.toString(),
        Optional.of(new Judged.Subject(relocated, collection, options)),
        verdict,
        micros,
        witness);
  }

  /// @param unadjusted why CO-RE could not adjust instructions, by slot
  private static Verdict withCause(Verdict verdict, Map<Integer, String> unadjusted) {
    if (verdict instanceof Verdict.Refused(Diagnosis diagnosis, long processed)) {
      @Nullable String problem = unadjusted.get(diagnosis.slot());
      if (problem != null) {
        return new Verdict.Refused(diagnosis.ofUnadjusted(problem), processed);
      }
    }
    return verdict;
  }
}
