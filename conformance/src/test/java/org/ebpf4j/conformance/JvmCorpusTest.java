package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.MapException;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfReader;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.Test;

/// Runs the programs of the verifier corpus in the JVM: what Linux took and ran gives the same
/// value here, unless the JVM host says that it lacks something.
class JvmCorpusTest {
  private static final Path VERDICTS = Path.of("corpus/verdicts-6.12.jsonl");
  private static final Path KERNEL_TYPES = Path.of("/sys/kernel/btf/vmlinux");

  /// What the recorded runs found in these maps at key 0: see `corpus/README.md`.
  private static final List<String> PREPARED = List.of("map_array_ro", "map_array_48b");

  /// Below this, something that worked is missing.
  private static final int LEAST = 500;

  @Test
  void whatLinuxRanGivesTheSameValue() throws IOException {
    Corpus corpus =
        Corpus.find()
            .orElseGet(() ->
                abort("no corpus in %s; corpus/build.sh builds it".formatted(Corpus.place())));
    assumeTrue(Files.isReadable(KERNEL_TYPES), "no kernel types in " + KERNEL_TYPES);
    Btf kernel = BtfReader.read("vmlinux", Files.readAllBytes(KERNEL_TYPES));
    List<String> wrong = new ArrayList<>();
    int same = 0;
    for (Map.Entry<String, List<CorpusRow>> object : Corpus.read(VERDICTS).entrySet()) {
      CollectionSpec spec = CollectionReader.read(corpus.object(object.getKey()));
      for (CorpusRow row : object.getValue()) {
        if (row.kernel() != CorpusRow.Kernel.ACCEPT || row.returnValue().isEmpty()) {
          continue;
        }
        Btf target =
            row.targetTypes()
                .map(file -> CollectionReader.read(corpus.file(file)).btf())
                .orElse(kernel);
        try {
          long value = run(spec, row, target);
          if ((int) value == (int) row.returnValue().getAsLong()) {
            same++;
          } else {
            wrong.add("%s: %d, not %d".formatted(row, value, row.returnValue().getAsLong()));
          }
        } catch (ProgramFault fault) {
          // The one fault that stands for something missing; a weak kernel function is found out
          // when it is called.
          if (fault.kind() != ProgramFault.Kind.INSTRUCTION && !readsAStruct(fault)) {
            wrong.add(row + ": " + fault.getMessage());
          }
        } catch (LoadException | MapException | RunException missing) {
          // Said at once what the host lacks.
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(same).isGreaterThan(LEAST);
  }

  /// Fields of the kernel's own structs are nothing that this host has.
  private static boolean readsAStruct(ProgramFault fault) {
    return fault.detail().contains("that is a map itself")
        || fault.detail().contains("whose fields this host does not have");
  }

  private static long run(CollectionSpec spec, CorpusRow row, Btf target) {
    LoadOptions options = LoadOptions.defaults().withProgram(row.program()).withKernelTypes(target);
    for (MapSpec map : spec.maps().values()) {
      if (map.contents() instanceof MapSpec.Contents.Slots slots) {
        for (MapSpec.Slot slot : slots.slots()) {
          if (spec.programs().containsKey(slot.target())) {
            options = options.withProgram(slot.target());
          }
        }
      }
    }
    try (JvmHost host = JvmHost.builder().cpus(2).build();
        LoadedCollection collection = host.load(spec, options)) {
      prepare(collection);
      BpfProgram program = collection.program(row.program());
      try {
        return program.run(RunInput.packet(new byte[64])).returnValue();
      } catch (RunException noPacket) {
        return program.run(RunInput.none()).returnValue();
      }
    }
  }

  private static void prepare(LoadedCollection collection) {
    for (String name : PREPARED) {
      BpfMap map = collection.maps().get(name);
      if (map != null && map.spec().valueSize() == 48) {
        ByteBuffer value = ByteBuffer.allocate(48).order(ByteOrder.nativeOrder());
        value.putInt(0, 28).putInt(28, 0xabcdef12);
        map.update(new byte[4], value.array());
      }
    }
  }
}
