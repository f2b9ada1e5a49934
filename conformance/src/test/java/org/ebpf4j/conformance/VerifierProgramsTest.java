package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.ebpf4j.conformance.verdicts.Judgement;
import org.ebpf4j.conformance.verdicts.OwnVerdicts;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.verifier.LinuxTypes;
import org.ebpf4j.verifier.Verifier;
import org.ebpf4j.verifier.VerifierOptions;
import org.junit.jupiter.api.Test;

/// Judges the programs of `programs/`, one and more of each family of rules, with no kernel at
/// hand: the verdicts, reasons and lengths of the walks are those that Linux 6.18 gave.
class VerifierProgramsTest {
  private static final Path PROGRAMS = Path.of("programs");

  @Test
  void judgesEveryProgramAsLinuxDid() throws IOException {
    List<String> differences = new ArrayList<>();
    int judged = 0;
    for (Map.Entry<String, List<CorpusRow>> object :
        Corpus.read(PROGRAMS.resolve("verdicts.jsonl")).entrySet()) {
      CollectionSpec collection = CollectionReader.read(PROGRAMS.resolve(object.getKey()));
      OwnVerdicts verdicts =
          new OwnVerdicts(
              LinuxTypes.configured(collection),
              VerifierOptions.DEFAULT.withKernelTypes(LinuxTypes.shipped()),
              0);
      for (CorpusRow row : object.getValue()) {
        judged++;
        Judgement ours = verdicts.of(collection.program(row.program()).orElseThrow());
        boolean refused = row.kernel() == CorpusRow.Kernel.REJECT;
        Judgement expected =
            new Judgement(
                refused ? Judgement.REJECT : Judgement.ACCEPT,
                row.kernelMessage().orElse(""),
                row.errno(),
                ours.processed(),
                0);
        if (!ours.equals(expected)) {
          differences.add(row + ": " + ours);
        }
        if (ours.processed() > row.processed() * 11L / 10 + 1) {
          differences.add(
              "%s: walked %d instructions, the kernel %d"
                  .formatted(row, ours.processed(), row.processed()));
        }
      }
    }
    assertThat(differences).isEmpty();
    assertThat(judged).as("programs of the folder that have a verdict").isEqualTo(programs());
  }

  @Test
  void refusesWhatLinuxLetsPassByFaultsOfItsOwn() throws IOException {
    Map<String, String> reasons =
        Map.of(
            "record_after_submit", "R6 invalid mem access 'scalar'",
            "slice_after_discard", "R6 invalid mem access 'scalar'",
            "function_slice_after_discard", "R6 invalid mem access 'scalar'",
            "clones_over_half", "Dynptr has to be an uninitialized dynptr",
            "task_after_release", "R6 invalid mem access 'scalar'",
            "number_as_pointer", "R7 invalid mem access 'scalar'",
            "address_as_number",
                "math between fp pointer and register with unbounded min value is not allowed",
            "unwritten_offset", "invalid read from stack R2 off=-1024 size=8",
            "acquires_from_context", "BPF_ATOMIC loads from R2 ctx is not allowed",
            "one_atomic_of_arena_and_map", "same insn cannot be used with different pointers");

    assertThat(reasons("stricter/pointers.bpf.o")).isEqualTo(reasons);
  }

  @Test
  void refusesWritesOverWhatLinuxTakesForBytesBecauseTheTypesAreWrong() throws IOException {
    assertThat(reasons("stricter/untyped.bpf.o"))
        .isEqualTo(
            Map.of(
                "writes_over_lock", "bpf_spin_lock cannot be accessed directly by load/store",
                "writes_over_tree", "bpf_rb_root cannot be accessed directly by load/store"));
  }

  @Test
  void breaksSentencesOverLinesInTheLogAsLinuxDoes() throws IOException {
    assertThat(log("calls_with_lock"))
        .containsSubsequence(
            "global function calls are not allowed while holding a lock,",
            "use static function instead");
    assertThat(log("sleeps_where_it_may_not"))
        .containsSubsequence(
            "global functions that may sleep are not allowed in non-sleepable context,",
            "i.e., in a RCU/IRQ/preempt-disabled section, or in",
            "a non-sleepable BPF program context");
    assertThat(reasons("lines/locks.bpf.o"))
        .containsEntry(
            "calls_with_lock",
            "global function calls are not allowed while holding a lock, use static function"
                + " instead");
  }

  private static List<String> log(String program) throws IOException {
    CollectionSpec collection = CollectionReader.read(PROGRAMS.resolve("lines/locks.bpf.o"));
    List<String> lines = new ArrayList<>();
    Verifier.log(
        collection.program(program).orElseThrow(),
        collection,
        VerifierOptions.DEFAULT.withKernelTypes(LinuxTypes.shipped()),
        lines::add);
    return lines;
  }

  /// What is said of each program of an object.
  private static Map<String, String> reasons(String object) throws IOException {
    CollectionSpec collection = CollectionReader.read(PROGRAMS.resolve(object));
    OwnVerdicts verdicts =
        new OwnVerdicts(
            collection, VerifierOptions.DEFAULT.withKernelTypes(LinuxTypes.shipped()), 0);
    Map<String, String> reasons = new HashMap<>();
    for (ProgramSpec program : collection.programs().values()) {
      reasons.put(program.name(), verdicts.of(program).message());
    }
    return reasons;
  }

  private static int programs() throws IOException {
    int programs = 0;
    try (DirectoryStream<Path> objects = Files.newDirectoryStream(PROGRAMS, "*.bpf.o")) {
      for (Path object : objects) {
        programs += CollectionReader.read(object).programs().size();
      }
    }
    return programs;
  }
}
