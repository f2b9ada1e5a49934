package org.ebpf4j.runtime.internal.host;

import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.MapException;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.relocation.CoreRelocator;
import org.ebpf4j.runtime.internal.engine.ArenaArithmetic;
import org.ebpf4j.runtime.internal.engine.CompilationUnit;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.engine.UntrustedLoads;
import org.ebpf4j.runtime.internal.map.MapHandle;
import org.ebpf4j.runtime.internal.map.ProgramArray;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.object.LocalTypes;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.Facts;
import org.ebpf4j.verifier.LinuxTypes;

/// Loads one spec: makes its maps, relocates and links its programs, and puts maps and programs
/// into the slots of maps that were initialised with them. When anything is refused, what was made
/// before is closed again.
public final class CollectionLoader {
  /// The bits of a slot that say that it calls a helper: opcode, and source register 0.
  private static final long CALL_BITS = 0xf0ff;

  private static final long CALL_HELPER = 0x85;

  /// In the names of functions that give connections, with a struct of the kernel.
  private static final String CONNECTIONS = "_ct_";

  /// Gives the struct of the kernel behind a context.
  private static final String CAST = "bpf_cast_to_kern_ctx";

  /// `bpf_snprintf_btf`, `bpf_seq_printf_btf` and `bpf_btf_find_by_name_kind`.
  private static final Set<Integer> TYPE_HELPERS = Set.of(149, 150, 167);

  private final RuntimeHost host;
  private final CollectionSpec spec;
  private final LoadOptions options;
  private final Map<String, BpfMap> handles = new LinkedHashMap<>();
  private final Map<String, RuntimeMap> maps = new LinkedHashMap<>();
  private final Map<String, JvmProgram> programs = new LinkedHashMap<>();

  private CollectionLoader(RuntimeHost host, CollectionSpec spec, LoadOptions options) {
    this.host = host;
    this.spec = spec;
    this.options = options;
  }

  /// @throws LoadException if any part is refused
  public static LoadedCollection load(RuntimeHost host, CollectionSpec spec, LoadOptions options) {
    host.checkOpen();
    CollectionLoader loader = new CollectionLoader(host, spec, options);
    boolean loaded = false;
    JvmCollection collection;
    try {
      collection = loader.load();
      loaded = true;
    } catch (MapException refused) {
      throw new LoadException(
          "map " + refused.map(),
          refused.errno(),
          "%s failed: %s".formatted(refused.operation(), refused.reason()));
    } finally {
      if (!loaded) {
        loader.undo();
      }
    }
    host.add(collection);
    return collection;
  }

  private JvmCollection load() {
    checkOrder();
    List<ProgramSpec> selected = selected();
    makeMaps();
    makePrograms(selected);
    fillSlots();
    return new JvmCollection(
        host, spec, handles, maps, programs, Variables.of(spec, maps, handles));
  }

  private void undo() {
    programs.values().forEach(JvmProgram::close);
    host.forgetPrograms(programs.size());
    handles.values().forEach(BpfMap::close);
    maps.values().forEach(RuntimeMap::release);
    host.epochs().reclaim();
  }

  private void checkOrder() {
    if (!spec.order().equals(ByteOrder.nativeOrder())) {
      throw new LoadException(
          spec.name(),
          Errno.EINVAL,
          "compiled for %s machines, and this one is %s: compile with -target %s"
              .formatted(
                  spec.order(),
                  ByteOrder.nativeOrder(),
                  ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? "bpfel" : "bpfeb"));
    }
  }

  private List<ProgramSpec> selected() {
    for (String name : options.programs()) {
      if (!spec.programs().containsKey(name)) {
        throw new LoadException(
            spec.name(),
            Errno.ENOENT,
            "no program named %s; it has %s"
                .formatted(name, String.join(", ", spec.programs().keySet())));
      }
    }
    List<ProgramSpec> selected = new ArrayList<>();
    for (ProgramSpec program : spec.programs().values()) {
      boolean named = options.programs().contains(program.name());
      if (options.programs().isEmpty() ? program.autoload() : named) {
        selected.add(program);
      }
    }
    return selected;
  }

  private void makeMaps() {
    for (String name : options.maps().keySet()) {
      if (!spec.maps().containsKey(name)) {
        throw new LoadException(
            spec.name(),
            Errno.ENOENT,
            "no map named %s to replace; it has %s"
                .formatted(name, String.join(", ", spec.maps().keySet())));
      }
    }
    MapMaker maker = new MapMaker(host, spec, options);
    for (MapSpec map : spec.maps().values()) {
      if (map.contents() instanceof MapSpec.Contents.Operations) {
        continue; // a struct of functions that only Linux can call; no program refers to it
      }
      BpfMap handle = maker.make(map);
      RuntimeMap made = ((MapHandle) handle).map();
      if (!made.retain()) {
        throw new LoadException(
            "map " + map.name(), Errno.EBADF, "the map to take its place is closed");
      }
      maps.put(map.name(), made);
      if (!options.maps().containsKey(map.name())) {
        handles.put(map.name(), handle);
      } else {
        made.retainUser();
        handles.put(map.name(), new MapHandle(made));
      }
    }
  }

  private void makePrograms(List<ProgramSpec> selected) {
    Optional<ProgramVerifier> verifier =
        options.unverified()
            ? Optional.empty()
            : Optional.of(new ProgramVerifier(host, spec, options, handles));
    IdentityHashMap<Btf, Target> targets = new IdentityHashMap<>();
    for (ProgramSpec wanted : selected) {
      RuntimeProgramType type =
          host.tables()
              .typeOf(wanted)
              .orElseThrow(() ->
                  new LoadException(
                      "program " + wanted.name(),
                      Errno.EINVAL,
                      "section '%s' names no program type: neither one of libbpf's nor one of this host; give it one (CollectionSpec.withType)"
                          .formatted(wanted.section())));
      ProgramSpec program = HostTables.asOf(type, wanted);
      Target target = targets.computeIfAbsent(target(program), types -> Target.of(spec, types));
      CoreRelocator.Result relocated = target.relocator().relocate(program);
      ProgramMaker maker =
          new ProgramMaker(host.tables(), maps, type, target.types(), verifier.isPresent());
      host.countProgram(program.name());
      boolean done = false;
      try {
        LinkedProgram made = maker.make(relocated.program(), relocated.failures());
        Optional<Facts> facts = proven(verifier, maker, relocated, type, made);
        LinkedProgram linked = facts.map(known -> proven(made, known)).orElse(made);
        host.engines()
            .prepare(new CompilationUnit(linked, facts, type.layout(), host.engines().memory()));
        programs.put(program.name(), new JvmProgram(host, type, linked, facts));
        done = true;
      } finally {
        if (!done) {
          host.forgetPrograms(1);
        }
      }
      claimArrays(program);
    }
  }

  /// Linux holds a program against the first one that used an array of programs as soon as it is
  /// loaded, for the array may be full then (`bpf_check_tail_call` in `kernel/bpf/core.c`).
  private void claimArrays(ProgramSpec program) {
    JvmProgram loaded = programs.get(program.name());
    for (Reference reference : program.references()) {
      if (loaded != null
          && reference instanceof Reference.MapHandle handle
          && maps.get(handle.map()) instanceof ProgramArray array
          && !array.claim(loaded)) {
        throw new LoadException(
            "program " + program.name(),
            Errno.EINVAL,
            "it uses the program array %s, which programs of another type or kind of attachment use; give it one of its own"
                .formatted(handle.map()));
      }
    }
  }

  /// Types that programs are relocated to, and what is made of them once.
  private record Target(CoreRelocator relocator, LocalTypes types) {
    static Target of(CollectionSpec spec, Btf types) {
      return new Target(new CoreRelocator(spec.btf(), types), new LocalTypes(spec.btf(), types));
    }
  }

  /// What a program is relocated to. Without the kernel's types that is as the object has them, but
  /// for programs that look at kernel types themselves, or are shown structs as the verifier knows
  /// them.
  private Btf target(ProgramSpec program) {
    return options
        .kernelTypes()
        .or(() -> host.tables().kernelTypes())
        .orElseGet(() -> usesKernelTypes(program) ? LinuxTypes.shipped() : spec.btf());
  }

  private static boolean usesKernelTypes(ProgramSpec program) {
    if (program.kind().attach().equals(Optional.of(AttachType.TRACE_ITER))) {
      return true;
    }
    for (Reference reference : program.references()) {
      if (reference instanceof Reference.KernelFunction function
          && (function.name().contains(CONNECTIONS) || function.name().equals(CAST))) {
        return true;
      }
    }
    // By the bits: whether the instructions make sense is looked at later.
    for (long slot : program.bytecode().toSlots()) {
      if ((slot & CALL_BITS) == CALL_HELPER && TYPE_HELPERS.contains((int) (slot >>> 32))) {
        return true;
      }
    }
    return false;
  }

  /// A program with what follows from facts for what its instructions do.
  private static LinkedProgram proven(LinkedProgram made, Facts facts) {
    return UntrustedLoads.allow(ArenaArithmetic.narrow(made, facts), facts);
  }

  /// What holds in all runs of a program, if it is to be verified.
  private static Optional<Facts> proven(
      Optional<ProgramVerifier> verifier,
      ProgramMaker maker,
      CoreRelocator.Result relocated,
      RuntimeProgramType type,
      LinkedProgram linked) {
    boolean proven = false;
    try {
      Optional<Facts> facts = verifier.map(v -> v.verify(relocated, type));
      facts.ifPresent(maker::checkReached);
      proven = true;
      return facts;
    } finally {
      if (!proven) {
        linked.releaseMaps();
      }
    }
  }

  private void fillSlots() {
    for (Map.Entry<String, BpfMap> entry : handles.entrySet()) {
      boolean own = !options.maps().containsKey(entry.getKey());
      MapSpec map = entry.getValue().spec();
      if (own && map.contents() instanceof MapSpec.Contents.Slots(List<MapSpec.Slot> slots)) {
        for (MapSpec.Slot slot : slots) {
          fillSlot(entry.getValue(), slot);
        }
      }
    }
  }

  /// A slot whose program is not loaded this time stays empty.
  private void fillSlot(BpfMap map, MapSpec.Slot slot) {
    JvmProgram program = programs.get(slot.target());
    BpfMap inner = handles.get(slot.target());
    if (program != null) {
      map.putProgram(slot.key(), program);
    } else if (inner != null) {
      map.putMap(MapMaker.key(slot.key(), map.spec().keySize()), inner);
    } else if (!spec.programs().containsKey(slot.target())) {
      throw new LoadException(
          "map " + map.name(),
          Errno.ENOENT,
          "key %d is to hold %s, which is not there".formatted(slot.key(), slot.target()));
    }
  }
}
