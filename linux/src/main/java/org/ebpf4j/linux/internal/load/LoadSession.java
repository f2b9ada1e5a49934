package org.ebpf4j.linux.internal.load;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.KernelException;
import org.ebpf4j.linux.LinuxLoadOptions;
import org.ebpf4j.linux.Verdict;
import org.ebpf4j.linux.internal.call.HeldDescriptors;
import org.ebpf4j.linux.internal.object.KernelRelease;
import org.ebpf4j.linux.internal.object.OpenObjects;
import org.ebpf4j.linux.internal.program.KernelProgram;
import org.ebpf4j.linux.internal.program.ProgramLoad;
import org.ebpf4j.linux.internal.program.ProgramLoader;
import org.ebpf4j.linux.internal.program.VerifierLog;
import org.ebpf4j.relocation.CoreRelocationException;
import org.ebpf4j.relocation.CoreRelocator;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.sys.Descriptor;
import org.jspecify.annotations.Nullable;

/// The loading of one collection: makes its BTF and maps, then its programs. Closing it closes what
/// only loading needs, and everything if it was not finished.
final class LoadSession implements AutoCloseable {
  /// `BPF_F_SLEEPABLE`.
  private static final int SLEEPABLE = 1 << 4;

  /// `BPF_F_XDP_HAS_FRAGS`.
  private static final int FRAGS = 1 << 5;

  private final CollectionSpec spec;
  private final LoadOptions options;
  private final LinuxLoadOptions linuxOptions;
  private final Kernel kernel;
  private final Globals globals;
  private final HeldDescriptors held = new HeldDescriptors();
  private final List<Descriptor> opened = new ArrayList<>();
  private final Map<String, KernelProgram> programs = new LinkedHashMap<>();
  private final OpenObjects objects = new OpenObjects();
  private final OpenObjects owner;
  private final Optional<ObjectBtf> btf;

  /// Why the kernel does not take the object's types, where it has some and they are not taken.
  private final Optional<LoadException> typesRefused;

  private final CollectionMaps maps;
  private final References references;
  private @Nullable CoreRelocator relocator;
  private boolean finished;

  /// What is known of the machine.
  ///
  /// @param types its types
  /// @param config its configuration
  /// @param release its version
  /// @param cpus CPUs it may have
  record Kernel(KernelTypes types, KernelConfig config, KernelRelease release, int cpus) {}

  /// @param owner who closes the collection
  LoadSession(
      CollectionSpec spec,
      LoadOptions options,
      LinuxLoadOptions linuxOptions,
      Kernel kernel,
      OpenObjects owner) {
    this.spec = spec;
    this.options = options;
    this.linuxOptions = linuxOptions;
    this.kernel = kernel;
    this.owner = owner;
    this.globals = new Globals(spec);
    globals.checkNames(options.globals());
    ObjectBtf.Outcome types = ObjectBtf.load(spec);
    switch (types) {
      case ObjectBtf.Outcome.Loaded(ObjectBtf loaded, Optional<LoadException> plainer) -> {
        this.btf = Optional.of(loaded);
        this.typesRefused = plainer;
      }
      case ObjectBtf.Outcome.Refused(LoadException reason) -> {
        this.btf = Optional.empty();
        this.typesRefused = Optional.of(reason);
      }
      case ObjectBtf.Outcome.None() -> {
        this.btf = Optional.empty();
        this.typesRefused = Optional.empty();
      }
    }
    this.maps = new CollectionMaps(spec, options, linuxOptions, kernel, globals, objects);
    try {
      maps.make(btf.map(ObjectBtf::descriptor));
      this.references = new References(spec, maps.all(), kernel.types(), held, opened);
    } catch (LoadException e) {
      close();
      throw typesRefused.isEmpty()
          ? e
          : new LoadException(e.subject(), e.errno(), e.summary() + withoutTypes(), e.log());
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private CoreRelocator relocator() {
    CoreRelocator made = relocator;
    if (made == null) {
      Btf target = options.kernelTypes().orElseGet(() -> kernel.types().kernel());
      made = new CoreRelocator(spec.btf(), target);
      relocator = made;
    }
    return made;
  }

  /// Loads programs and gives the collection.
  LoadedCollection load(List<ProgramSpec> selected) {
    for (ProgramSpec program : selected) {
      Assembled assembled = assemble(program, linuxOptions.loadFlags());
      switch (ProgramLoader.load(assembled.load())) {
        case ProgramLoader.Outcome.Loaded(Descriptor descriptor, String log) ->
            programs.put(
                program.name(), objects.add(new KernelProgram(descriptor, program, objects)));
        case ProgramLoader.Outcome.Refused(Errno errno, String log) ->
            throw new LoadException(
                "program " + program.name(),
                errno,
                summary(program, errno, log, assembled) + withoutTypes(),
                log);
      }
    }
    putPrograms();
    finished = true;
    return owner.add(new KernelCollection(spec, maps.all(), programs, globals, objects, owner));
  }

  /// What the verifier says about a program, with its log.
  Verdict verdict(ProgramSpec program, int loadFlags, int logLevel) {
    Assembled assembled = assemble(program, linuxOptions.loadFlags() | loadFlags);
    return switch (ProgramLoader.loadWithLog(assembled.load(), logLevel)) {
      case ProgramLoader.Outcome.Loaded(Descriptor descriptor, String log) -> {
        try (KernelProgram loaded = new KernelProgram(descriptor, program, objects)) {
          yield new Verdict.Accepted(loaded.info().verifiedInstructions(), log);
        }
      }
      case ProgramLoader.Outcome.Refused(Errno errno, String log) ->
          new Verdict.Refused(
              errno,
              new VerifierLog(log)
                  .reason()
                  .orElseGet(() -> summary(program, errno, log, assembled)),
              log);
    };
  }

  /// @param failures why instructions could not be adjusted to the kernel's types, by slot
  private record Assembled(ProgramLoad load, Map<Integer, String> failures) {}

  /// What a map or program may be refused for, such as a map with a lock in its values.
  private String withoutTypes() {
    return typesRefused
        .map(reason ->
            "; it was loaded with%s, for the kernel does not take the object's BTF%s: %s"
                .formatted(
                    btf.isPresent() ? " plainer types" : "out types",
                    btf.isPresent() ? " as it is" : "",
                    reason.summary()))
        .orElse("");
  }

  private static String summary(ProgramSpec program, Errno errno, String log, Assembled assembled) {
    String summary = new VerifierLog(log).summary(program, errno);
    return assembled.failures().isEmpty()
        ? summary
        : assembled.failures().entrySet().stream()
            .map(failure -> "instruction %d: %s".formatted(failure.getKey(), failure.getValue()))
            .collect(
                Collectors.joining("; ", summary + "; not adjusted to the kernel's types: ", ""));
  }

  private Assembled assemble(ProgramSpec program, int flags) {
    try {
      return assembleOpen(program, flags);
    } catch (KernelException e) {
      throw new LoadException("program " + program.name(), e.errno(), e.advice());
    }
  }

  /// @throws KernelException if something that the program uses is closed
  private Assembled assembleOpen(ProgramSpec program, int flags) {
    ProgramSpec.ProgramKind kind = program.kind();
    ProgramType type =
        kind.type()
            .orElseThrow(() ->
                new LoadException(
                    "program " + program.name(),
                    Errno.EINVAL,
                    "section %s stands for no program type of Linux; give it one (CollectionSpec.withType)"
                        .formatted(program.section())));
    ProgramSpec relocated = program;
    Map<Integer, String> failures = Map.of();
    if (!program.relocations().isEmpty()) {
      try {
        CoreRelocator.Result result = adjusted(program);
        relocated = result.program();
        failures = result.failures();
      } catch (CoreRelocationException e) {
        throw new LoadException("program " + program.name(), Errno.EINVAL, e.problem());
      }
    }
    References.Filled filled = references.fill(relocated);
    AttachTarget target =
        AttachTarget.of(program, spec, linuxOptions.targets(), kernel.types(), held, opened);
    ProgramLoad load =
        new ProgramLoad(
            program.name(),
            type.number(),
            filled.code(),
            spec.license(),
            spec.kernelVersion() != 0 ? spec.kernelVersion() : kernel.release().code(),
            flags | (kind.sleepable() ? SLEEPABLE : 0) | (kind.frags() ? FRAGS : 0),
            target.attachType(),
            target.btfId(),
            target.descriptor(),
            btf.flatMap(b -> b.debug(program, held.number(b.descriptor()))),
            filled.modules());
    return new Assembled(load, failures);
  }

  /// Adjusted to the kernel's types, or to those of the module that has what the kernel lacks.
  private CoreRelocator.Result adjusted(ProgramSpec program) {
    CoreRelocator.Result best = relocator().relocate(program);
    if (!best.failures().isEmpty() && options.kernelTypes().isEmpty()) {
      for (KernelTypes.Module module : kernel.types().modules()) {
        CoreRelocator.Result other =
            new CoreRelocator(spec.btf(), module.types()).relocate(program);
        best = other.failures().size() < best.failures().size() ? other : best;
      }
    }
    return best;
  }

  /// Puts programs in the program arrays that are to start with them. Those not loaded are left
  /// out.
  private void putPrograms() {
    for (MapSpec map : spec.maps().values()) {
      if (map.contents() instanceof MapSpec.Contents.Slots(List<MapSpec.Slot> slots)) {
        for (MapSpec.Slot slot : slots) {
          KernelProgram program = programs.get(slot.target());
          if (program != null) {
            maps.require(map.name()).putProgram(slot.key(), program);
          }
        }
      }
    }
  }

  @Override
  public void close() {
    held.close();
    opened.forEach(Descriptor::close);
    btf.ifPresent(ObjectBtf::close);
    if (!finished) {
      objects.close();
    }
  }
}
