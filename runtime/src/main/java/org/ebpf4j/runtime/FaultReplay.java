package org.ebpf4j.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.MapException;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunException;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.abi.ProgramTypes;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.runtime.internal.replay.PathInput;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.verifier.Diagnosis;

/// Shows what a refused program would do: looks for a packet and a context with which the checked
/// interpreter faults at the very instruction that the verifier refused.
///
/// Maps are as a loader leaves them: hashes empty, so that lookups miss, and arrays zero. The
/// inputs tried are few and small, and guided by the path in the diagnosis; that none is found says
/// nothing. What is found did happen.
public final class FaultReplay {
  private static final long INSTRUCTIONS = 200_000;
  private static final int SHORTEST_FRAME = 14;
  private static final long SEED = 0x65_42_50_46L;

  /// Fields that `BPF_PROG_TEST_RUN` takes in `xdp_md` and `__sk_buff`.
  private static final Set<String> SETTABLE =
      Set.of("ingress_ifindex", "rx_queue_index", "mark", "priority", "ifindex", "cb", "tstamp");

  /// The sorts of faults that a run can show: the others break rules that the interpreter has not.
  private static final Set<String> SHOWN =
      Set.of(
          "PACKET_BOUNDS",
          "NULL_CHECK",
          "NOT_A_POINTER",
          "USE_AFTER_RELEASE",
          "PACKET_MOVED",
          "MAP_BOUNDS",
          "MAP_WRITE",
          "SIZE_BOUNDS",
          "STACK_BOUNDS",
          "CONTEXT_ACCESS",
          "ENDLESS_LOOP");

  private FaultReplay() {}

  /// An input that shows a fault.
  ///
  /// @param input the packet and context
  /// @param description the input in words
  /// @param fault what the interpreter said
  /// @param tries how many inputs were tried, this one too
  public record Witness(RunInput input, String description, ProgramFault fault, int tries) {}

  /// Looks for an input that shows a fault.
  ///
  /// @param program the program that was refused, not relocated
  /// @param kernelTypes what it is relocated against
  public static Optional<Witness> find(
      ProgramSpec program, CollectionSpec collection, Btf kernelTypes, Diagnosis diagnosis) {
    if (!SHOWN.contains(diagnosis.fault())
        || diagnosis.steps().isEmpty()
        || program.kind().type().isEmpty()) {
      return Optional.empty();
    }
    Limits limits = Limits.defaults().withInstructions(INSTRUCTIONS).withMapBytes(256L << 20);
    LoadOptions options =
        LoadOptions.defaults()
            .withProgram(program.name())
            .withKernelTypes(kernelTypes)
            .withUnverified(true);
    try (JvmHost host = JvmHost.builder().cpus(1).limits(limits).build();
        LoadedCollection loaded = host.load(collection, options)) {
      return search(loaded.program(program.name()), program, diagnosis);
    } catch (LoadException | MapException e) {
      // What this host cannot even load, it cannot replay.
      return Optional.empty();
    }
  }

  private static Optional<Witness> search(
      BpfProgram loaded, ProgramSpec program, Diagnosis diagnosis) {
    int tries = 0;
    for (Candidate candidate : candidates(program, diagnosis)) {
      tries++;
      try {
        loaded.run(candidate.input());
      } catch (ProgramFault fault) {
        if (isTheFault(fault, diagnosis)) {
          return Optional.of(new Witness(candidate.input(), candidate.description(), fault, tries));
        }
      } catch (RunException e) {
        // An input that programs of this type are not given: the next one may be.
      }
    }
    return Optional.empty();
  }

  private static boolean isTheFault(ProgramFault fault, Diagnosis diagnosis) {
    return diagnosis.fault().equals("ENDLESS_LOOP")
        ? fault.kind() == ProgramFault.Kind.BUDGET
        : fault.slot() == diagnosis.slot() && fault.kind() != ProgramFault.Kind.BUDGET;
  }

  private record Candidate(RunInput input, String description) {}

  private static List<Candidate> candidates(ProgramSpec program, Diagnosis diagnosis) {
    ProgramTypes.Row type = ProgramTypes.of(program.kind().type().orElseThrow());
    List<Integer> slots = diagnosis.steps().stream().map(Diagnosis.Step::slot).toList();
    List<Candidate> candidates = new ArrayList<>();
    for (boolean extremes : new boolean[] {true, false}) {
      PathInput wishes = PathInput.of(program.bytecode(), type.context(), slots, extremes);
      for (Fill fill : Fill.values()) {
        add(candidates, type, wishes, fill);
      }
    }
    return candidates;
  }

  private static void add(
      List<Candidate> candidates, ProgramTypes.Row type, PathInput wishes, Fill fill) {
    boolean packets = type.packet() != ProgramTypes.PacketAccess.NONE;
    byte[] context = context(type.context(), packets, wishes.context(), fill);
    String around = "a context of " + fill.words + wished(wishes.context());
    if (!packets) {
      candidates.add(new Candidate(RunInput.context(context), around));
      return;
    }
    boolean plain = fill == Fill.ZEROS && wishes.context().isEmpty();
    for (int length : lengths()) {
      RunInput packet = RunInput.packet(fill.bytes(length, wishes.packet()));
      String what =
          "a packet of %d bytes, %s%s".formatted(length, fill.words, wished(wishes.packet()));
      candidates.add(new Candidate(packet, what));
      if (!plain) {
        candidates.add(new Candidate(packet.withContext(context), what + ", and " + around));
      }
    }
  }

  /// A context: beside a packet, only what Linux lets a test run set.
  private static byte[] context(
      ContextLayout layout, boolean packets, Map<Integer, Byte> wishes, Fill fill) {
    byte[] filled = fill.bytes(layout.size(), wishes);
    byte[] context = new byte[layout.size()];
    for (ContextLayout.Field field : layout.fields()) {
      if (field.kind() == ContextLayout.Kind.NUMBER
          && (!packets || SETTABLE.contains(field.name()))) {
        System.arraycopy(filled, field.offset(), context, field.offset(), field.size());
      }
    }
    return context;
  }

  private static void put(Map<Integer, Byte> wishes, byte[] into) {
    wishes.forEach((at, wanted) -> {
      if (at < into.length) {
        into[at] = wanted;
      }
    });
  }

  private static String wished(Map<Integer, Byte> wishes) {
    return wishes.isEmpty() ? "" : " but for bytes that the path asks for";
  }

  /// Lengths of packets: frames first, shorter ones after.
  private static List<Integer> lengths() {
    List<Integer> lengths = new ArrayList<>();
    for (int length = SHORTEST_FRAME; length <= 80; length++) {
      lengths.add(length);
    }
    lengths.add(128);
    lengths.add(256);
    lengths.add(1514);
    for (int length = 1; length < SHORTEST_FRAME; length++) {
      lengths.add(length);
    }
    return lengths;
  }

  /// What bytes are where the path asks for nothing.
  private enum Fill {
    ZEROS("zeros"),
    ONES("0xff"),
    RANDOM("random bytes");

    private final String words;

    Fill(String words) {
      this.words = words;
    }

    byte[] bytes(int length, Map<Integer, Byte> wishes) {
      byte[] bytes = new byte[length];
      switch (this) {
        case ZEROS -> {}
        case ONES -> java.util.Arrays.fill(bytes, (byte) 0xff);
        case RANDOM -> new Random(SEED).nextBytes(bytes);
      }
      put(wishes, bytes);
      return bytes;
    }
  }
}
