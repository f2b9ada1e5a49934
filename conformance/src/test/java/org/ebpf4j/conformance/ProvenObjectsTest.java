package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.relocation.CoreRelocationException;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.FixedEnvironment;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.testkit.InstructionMutator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the verifier takes of compiled programs, and of such with one instruction changed, does
/// nothing wrong in the interpreter, which checks each access all the same.
///
/// `-Debpf4j.objects=FOLDER` takes other objects, `-Debpf4j.mutants=N` more changes of each
/// program.
class ProvenObjectsTest {
  private static final List<String> FOLDERS =
      Optional.ofNullable(System.getProperty("ebpf4j.objects"))
          .map(List::of)
          .orElse(List.of("programs", "src/test/resources/behaviour"));
  private static final int MUTANTS = Integer.getInteger("ebpf4j.mutants", 2);
  private static final long MOST_INSTRUCTIONS = 1_000_000;

  /// More than any program's context has.
  private static final int CONTEXT_BYTES = 192;

  private static int accepted;

  static List<Path> objects() throws IOException {
    List<Path> objects = new ArrayList<>();
    for (String folder : FOLDERS) {
      try (Stream<Path> files = Files.list(Path.of(folder))) {
        files.filter(file -> file.toString().endsWith(".o")).sorted().forEach(objects::add);
      }
    }
    return objects;
  }

  @ParameterizedTest
  @MethodSource("objects")
  void nothingThatIsAcceptedFaults(Path object) {
    CollectionSpec collection = CollectionReader.read(object);
    List<String> maps = new ArrayList<>(collection.maps().keySet());
    List<String> faults = new ArrayList<>();
    try (JvmHost host =
        JvmHost.builder()
            .cpus(1)
            .engine(Engine.INTERPRETER)
            .limits(Limits.defaults().withInstructions(MOST_INSTRUCTIONS))
            .environment(FixedEnvironment.builder().seed(1).build())
            .build()) {
      for (ProgramSpec program : collection.programs().values()) {
        run(host, collection, program).ifPresent(faults::add);
        for (int seed = 0; seed < MUTANTS; seed++) {
          ProgramSpec mutant = new InstructionMutator(seed).mutate(program, maps).program();
          String change = " (changed by seed " + seed + ")";
          run(host, collection, mutant).ifPresent(fault -> faults.add(fault + change));
        }
      }
    }
    assertThat(faults).isEmpty();
  }

  @AfterAll
  static void someWereAccepted() {
    assertThat(accepted).isPositive();
  }

  /// What a program did wrong, if it is accepted and did.
  private static Optional<String> run(
      JvmHost host, CollectionSpec collection, ProgramSpec program) {
    try (LoadedCollection loaded =
        host.load(
            collection.withProgram(program), LoadOptions.defaults().withProgram(program.name()))) {
      accepted++;
      BpfProgram running = loaded.program(program.name());
      for (RunInput input : inputs()) {
        Optional<String> fault = run(running, input);
        if (fault.isPresent()) {
          return fault;
        }
      }
    } catch (LoadException | CoreRelocationException refused) {
      // By the verifier, or for what this host does not have.
    }
    return Optional.empty();
  }

  private static Optional<String> run(BpfProgram program, RunInput input) {
    try {
      program.run(input);
    } catch (ProgramFault fault) {
      return Optional.of(fault)
          .filter(wrong -> wrong.kind() != ProgramFault.Kind.BUDGET)
          .map(wrong -> String.valueOf(wrong.getMessage()));
    } catch (RunException otherInput) {
      // A program takes packets or a context.
    }
    return Optional.empty();
  }

  private static List<RunInput> inputs() {
    // Zeros that are too many would be left out, and nulls given to who counts on objects.
    byte[] context = new byte[CONTEXT_BYTES];
    context[CONTEXT_BYTES - 1] = 1;
    return List.of(
        RunInput.packet(Packets.udp()), RunInput.packet(new byte[64]), RunInput.context(context));
  }
}
