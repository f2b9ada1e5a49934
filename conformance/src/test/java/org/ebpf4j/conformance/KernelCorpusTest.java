package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.LinuxAvailability;
import org.ebpf4j.linux.LinuxHost;
import org.ebpf4j.linux.LinuxLoadOptions;
import org.ebpf4j.linux.Verdict;
import org.ebpf4j.linux.VerdictSession;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Loads every program of the verifier corpus and compares the kernel's verdict with the recorded
/// one. The verdicts were recorded with another loader, so where they agree, everything that a
/// loader has to fill in was filled in alike.
class KernelCorpusTest {
  private static final Path VERDICTS = Path.of("corpus/verdicts-6.12.jsonl");

  private static LinuxHost host;
  private static Corpus corpus;
  private static Map<String, List<CorpusRow>> rows;

  @BeforeAll
  static void open() {
    switch (LinuxAvailability.probe()) {
      case LinuxAvailability.Available() -> {
        assumeTrue(
            System.getProperty("os.version").startsWith("6.18."),
            "the verdicts are those of Linux 6.18; this is " + System.getProperty("os.version"));
        corpus =
            Corpus.find()
                .orElseGet(() ->
                    abort("no corpus in %s; corpus/build.sh builds it".formatted(Corpus.place())));
        rows = Corpus.read(VERDICTS);
        host = LinuxHost.open();
      }
      case LinuxAvailability.Unavailable(Optional<Errno> errno, String reason) -> abort(reason);
    }
  }

  @AfterAll
  static void close() {
    if (host != null) {
      host.close();
    }
  }

  @Test
  void theKernelSaysTheSameOfEveryProgram() {
    List<String> differences = new ArrayList<>();
    int agreed = 0;
    int withheld = 0;
    for (Map.Entry<String, List<CorpusRow>> object : rows.entrySet()) {
      CollectionSpec spec = CollectionReader.read(corpus.object(object.getKey()));
      LoadOptions options = options(object.getValue().getFirst());
      try (VerdictSession verdicts = host.verdicts(spec, options, LinuxLoadOptions.defaults())) {
        for (CorpusRow row : object.getValue()) {
          Verdict verdict = verdict(verdicts, row);
          String difference = difference(row, verdict);
          if (difference.isEmpty()) {
            agreed++;
          } else if (isWithheld(verdict)) {
            withheld++;
          } else {
            differences.add(row + ": " + difference);
          }
        }
      }
    }
    assertThat(differences).isEmpty();
    assertThat(agreed + withheld).isEqualTo(1369);
    assertThat(withheld).isLessThanOrEqualTo(1);
  }

  /// Whether the kernel said so before it looked at an instruction: some builds of Linux keep
  /// iterators over the elements of maps to themselves.
  private static boolean isWithheld(Verdict verdict) {
    return verdict instanceof Verdict.Refused(Errno errno, String reason, String log)
        && errno == Errno.EPERM
        && !log.contains(": (");
  }

  private static Verdict verdict(VerdictSession verdicts, CorpusRow row) {
    try {
      return verdicts.verdict(row.program(), row.flags(), 1);
    } catch (LoadException e) {
      return new Verdict.Refused(e.errno(), "not loaded: " + e.getMessage(), e.log());
    }
  }

  private static LoadOptions options(CorpusRow row) {
    return row.targetTypes()
        .map(name -> CollectionReader.read(corpus.file(name)).btf())
        .map(LoadOptions.defaults()::withKernelTypes)
        .orElse(LoadOptions.defaults());
  }

  /// What differs, "" if nothing does.
  private static String difference(CorpusRow row, Verdict verdict) {
    return switch (verdict) {
      case Verdict.Accepted(int processed, String log) ->
          row.kernel() == CorpusRow.Kernel.ACCEPT ? "" : "accepted, recorded " + row.kernel();
      case Verdict.Refused(Errno errno, String reason, String log) ->
          switch (row.kernel()) {
            case ACCEPT -> "refused: " + reason;
            case EPERM -> errno == Errno.EPERM && log.isEmpty() ? "" : "refused: " + reason;
            case POISONED -> "";
            case REJECT ->
                log.contains(row.kernelMessage().orElse(""))
                    ? ""
                    : "refused for another reason: %s; recorded: %s"
                        .formatted(reason, row.kernelMessage().orElse(""));
          };
    };
  }

  @Test
  void everyProgramReturnsWhatItsSourceSays() {
    List<String> differences = new ArrayList<>();
    int ran = 0;
    for (Map.Entry<String, List<CorpusRow>> object : rows.entrySet()) {
      CollectionSpec spec = CollectionReader.read(corpus.object(object.getKey()));
      for (CorpusRow row : object.getValue()) {
        if (row.kernel() != CorpusRow.Kernel.ACCEPT || row.returnValue().isEmpty()) {
          continue;
        }
        ran++;
        LinuxLoadOptions flags = LinuxLoadOptions.defaults().withLoadFlags(row.flags());
        try (LoadedCollection loaded =
            host.load(spec, withTailCalls(options(row).withProgram(row.program()), spec), flags)) {
          prepare(loaded);
          long result = loaded.program(row.program()).run(input(row)).returnValue();
          if ((int) result != (int) row.returnValue().getAsLong()) {
            differences.add(
                "%s returned %d, not %d".formatted(row, result, row.returnValue().getAsLong()));
          }
        }
      }
    }
    assertThat(differences).isEmpty();
    assertThat(ran).isEqualTo(548);
  }

  /// Programs that the object's program arrays start with are loaded as well.
  private static LoadOptions withTailCalls(LoadOptions options, CollectionSpec spec) {
    LoadOptions all = options;
    for (MapSpec map : spec.maps().values()) {
      if (map.contents() instanceof MapSpec.Contents.Slots(List<MapSpec.Slot> slots)) {
        for (MapSpec.Slot slot : slots) {
          if (spec.program(slot.target()).isPresent()) {
            all = all.withProgram(slot.target());
          }
        }
      }
    }
    return all;
  }

  private static RunInput input(CorpusRow row) {
    return switch (row.programType()) {
      case "syscall" -> RunInput.context(new byte[64]);
      case "tracing" -> RunInput.none();
      default -> RunInput.packet(new byte[64]);
    };
  }

  /// Two objects read an array that user space is to have filled.
  private static void prepare(LoadedCollection loaded) {
    byte[] value =
        ByteBuffer.allocate(48)
            .order(ByteOrder.nativeOrder())
            .putInt(0, 28)
            .putInt(28, 0xabcdef12)
            .array();
    for (String name : List.of("map_array_ro", "map_array_48b")) {
      BpfMap map = loaded.maps().get(name);
      if (map != null && map.valueBytes() == value.length) {
        map.update(new byte[4], value);
      }
    }
  }
}
