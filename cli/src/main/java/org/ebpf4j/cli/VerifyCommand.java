package org.ebpf4j.cli;

import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.relocation.CoreRelocationException;
import org.ebpf4j.relocation.CoreRelocator;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.verifier.Diagnosis;
import org.ebpf4j.verifier.Verdict;
import org.ebpf4j.verifier.Verifier;
import org.ebpf4j.verifier.VerifierOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JsonGenerator;

/// `ebpf verify`: says of each program of each object whether Linux would take it, and why not.
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = "Proves programs safe, as Linux 6.18 would, and says why one is not.",
    footer = {
      "",
      "Flags: strict_alignment, test_state_freq.",
      "Exit code: 0 when all are accepted, else 1.",
      "Example: ebpf verify examples/firewall/firewall.bpf.o",
    })
final class VerifyCommand implements java.util.concurrent.Callable<Integer> {
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
      description = "Load flags, see below.")
  private List<String> flags = List.of();

  @Mixin private KernelTypesOption kernelTypes = new KernelTypesOption();

  @Option(names = "--json", description = "One JSON object a line for each program.")
  private boolean json;

  @Spec private CommandSpec spec = CommandSpec.create();

  private final Console console;

  VerifyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    Btf kernel = kernelTypes.types();
    VerifierOptions options = options(kernel);
    boolean accepted = true;
    int judged = 0;
    for (Path object : objects) {
      CollectionSpec collection = CollectionReader.read(object);
      CoreRelocator relocator = new CoreRelocator(collection.btf(), kernel);
      for (ProgramSpec each : collection.programs().values()) {
        if (program.isEmpty() || program.get().equals(each.name())) {
          judged++;
          accepted &= report(judge(each, collection, relocator, options));
        }
      }
    }
    if (judged == 0) {
      throw new CommandException(
          program
              .map(name -> "no program named " + name + " in the objects given")
              .orElse("no program in the objects given"));
    }
    return accepted ? 0 : 1;
  }

  private VerifierOptions options(Btf kernel) {
    VerifierOptions options = VerifierOptions.DEFAULT.withKernelTypes(kernel);
    for (String flag : flags) {
      options =
          switch (flag) {
            case "strict_alignment" -> options.withStrictAlignment(true);
            case "test_state_freq" -> options.withCheckpointsEverywhere(true);
            default ->
                throw new ParameterException(spec.commandLine(), "unknown flag '" + flag + "'");
          };
    }
    return options;
  }

  private static Judged judge(
      ProgramSpec program,
      CollectionSpec collection,
      CoreRelocator relocator,
      VerifierOptions options) {
    long start = System.nanoTime();
    Verdict verdict;
    try {
      ProgramSpec relocated = relocator.relocate(program).program();
      verdict = Verifier.verify(relocated, collection, options);
    } catch (CoreRelocationException e) {
      verdict = new Verdict.NotJudged(String.valueOf(e.getMessage()), 0);
    }
    return new Judged(collection.name(), program, verdict, (System.nanoTime() - start) / 1000);
  }

  /// @param micros how long it took
  private record Judged(String object, ProgramSpec program, Verdict verdict, long micros) {

    String word() {
      return switch (verdict) {
        case Verdict.Accepted _ -> "accept";
        case Verdict.Refused _ -> "reject";
        case Verdict.NotJudged _ -> "error";
      };
    }

    String message() {
      return switch (verdict) {
        case Verdict.Accepted _ -> "";
        case Verdict.Refused refused -> refused.diagnosis().message();
        case Verdict.NotJudged notJudged -> notJudged.reason();
      };
    }

    Optional<Diagnosis> diagnosis() {
      return verdict instanceof Verdict.Refused refused
          ? Optional.of(refused.diagnosis())
          : Optional.empty();
    }
  }

  /// Prints a verdict; whether it is good.
  private boolean report(Judged judged) {
    if (json) {
      console.line(json(judged));
    } else {
      text(judged);
    }
    return judged.verdict() instanceof Verdict.Accepted;
  }

  private void text(Judged judged) {
    String name = judged.object() + " " + judged.program().name();
    switch (judged.verdict()) {
      case Verdict.Accepted accepted ->
          console.line(
              "%s: accepted (%,d instructions walked, %,d µs)",
              name, accepted.instructionsProcessed(), judged.micros());
      case Verdict.NotJudged notJudged ->
          console.line("%s: not judged: %s", name, notJudged.reason());
      case Verdict.Refused refused -> {
        Diagnosis diagnosis = refused.diagnosis();
        console.line("%s: refused: %s", name, diagnosis.message());
        console.line("  at instruction %d%s", diagnosis.slot(), source(diagnosis));
        for (String branch : branches(diagnosis)) {
          console.line("  %s", branch);
        }
        diagnosis
            .suspect()
            .ifPresent(q -> {
              console.line("  R%d is %s", q.register(), q.value());
              q.origins()
                  .forEach(o ->
                      console.line(
                          "    %3d: %-30s %s: %s",
                          o.slot(), o.instruction(), o.effect(), o.value()));
            });
        console.line("  [%s] %s", diagnosis.fault(), diagnosis.remedy());
        if (!diagnosis.registers().isEmpty()) {
          console.line("  known there: %s", String.join(" ", diagnosis.registers()));
        }
      }
    }
  }

  private static String source(Diagnosis diagnosis) {
    return diagnosis.source().map(l -> ", " + l.location() + ": " + l.text().strip()).orElse("");
  }

  /// The last branches on the way: what led there is mostly near.
  private static List<String> branches(Diagnosis diagnosis) {
    final int shown = 5;
    List<Diagnosis.Branch> path = diagnosis.path();
    List<String> lines = new ArrayList<>();
    for (Diagnosis.Branch branch : path.subList(Math.max(0, path.size() - shown), path.size())) {
      lines.add(
          "after %s at instruction %d%s"
              .formatted(
                  branch.taken() ? "a jump" : "no jump",
                  branch.slot(),
                  branch.source().map(line -> ", " + line.location()).orElse("")));
    }
    return lines;
  }

  private static String json(Judged judged) {
    ProgramSpec program = judged.program();
    StringWriter out = new StringWriter();
    try (JsonGenerator json = Json.generator(out)) {
      json.writeStartObject();
      json.writeStringProperty("object", judged.object());
      json.writeStringProperty("section", program.section());
      json.writeStringProperty("program", program.name());
      json.writeStringProperty("type", program.kind().type().map(Names::of).orElse(""));
      json.writeStringProperty("verdict", judged.word());
      json.writeStringProperty("message", judged.message());
      if (judged.diagnosis().isPresent()) {
        Diagnosis diagnosis = judged.diagnosis().get();
        json.writeNumberProperty("insn", diagnosis.slot());
        if (diagnosis.source().isPresent()) {
          json.writeStringProperty("source", diagnosis.source().get().location());
        }
      }
      json.writeNumberProperty("insns", program.bytecode().size());
      json.writeNumberProperty("insns_processed", judged.verdict().instructionsProcessed());
      json.writeNumberProperty("time_us", judged.micros());
      json.writeEndObject();
    }
    return out.toString();
  }
}
