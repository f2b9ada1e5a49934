package org.ebpf4j.runtime.internal.host;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadException;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.SourceLine;
import org.ebpf4j.relocation.CoreRelocator;
import org.ebpf4j.runtime.internal.map.ArenaMap;
import org.ebpf4j.runtime.internal.map.MapHandle;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.Diagnosis;
import org.ebpf4j.verifier.Facts;
import org.ebpf4j.verifier.LinuxTypes;
import org.ebpf4j.verifier.OwnProgramType;
import org.ebpf4j.verifier.Verdict;
import org.ebpf4j.verifier.Verifier;
import org.ebpf4j.verifier.VerifierOptions;
import org.jspecify.annotations.Nullable;

/// Has the programs of a collection proven safe before they may run.
///
/// What is verified is the collection as it was made: maps with the flags and frozen contents that
/// they have, and externs as this host fills them in.
final class ProgramVerifier {
  private final RuntimeHost host;
  private final CollectionSpec made;
  private final Optional<Btf> kernelTypes;
  private final Map<String, Btf> mapTypes = new HashMap<>();

  /// @param maps the live maps by the spec's names
  ProgramVerifier(
      RuntimeHost host, CollectionSpec spec, LoadOptions options, Map<String, BpfMap> maps) {
    this.host = host;
    this.kernelTypes = options.kernelTypes().or(() -> host.tables().kernelTypes());
    CollectionSpec changed = spec;
    for (MapSpec map : spec.maps().values()) {
      if (maps.get(map.name()) instanceof MapHandle handle) {
        boolean others = isOthers(handle, spec);
        if (others) {
          mapTypes.put(map.name(), handle.map().types());
        }
        MapSpec typed = others ? handle.map().spec().withName(map.name()) : map;
        changed = changed.withMap(asMade(typed, handle));
      }
    }
    this.made = changed;
  }

  /// Whether a map was made for another object, whose types say what its values and inner maps are.
  @SuppressWarnings("ReferenceEquality") // Types that are equal are taken from there just as well.
  private static boolean isOthers(MapHandle handle, CollectionSpec spec) {
    return handle.map().types() != spec.btf();
  }

  /// A map's spec with what is true of the live map: only what is frozen is constant.
  private static MapSpec asMade(MapSpec map, MapHandle handle) {
    RuntimeMap live = handle.map();
    MapSpec.Contents contents = map.contents();
    if (live instanceof ArenaMap) {
      contents = new MapSpec.Contents.None();
    } else if (contents instanceof MapSpec.Contents.Data
        || contents instanceof MapSpec.Contents.Kconfig) {
      contents =
          live.frozen()
              ? handle
                  .lookup(new byte[Integer.BYTES])
                  .<MapSpec.Contents>map(bytes -> new MapSpec.Contents.Data(bytes, true))
                  .orElse(new MapSpec.Contents.None())
              : new MapSpec.Contents.None();
    }
    return map.withFlags(live.spec().flags())
        .withMaxEntries(live.spec().maxEntries())
        .withContents(contents);
  }

  /// Proves a program safe.
  ///
  /// @param relocated the program, and what CO-RE could not adjust
  /// @return what holds in all its runs
  /// @throws LoadException if it is refused, or not judged
  Facts verify(CoreRelocator.Result relocated, RuntimeProgramType type) {
    ProgramSpec program = relocated.program();
    ProgramSpec resolved = withExterns(program);
    VerifierOptions options = options(type, resolved);
    Verdict verdict = Verifier.verify(resolved, made, options);
    if (!(verdict instanceof Verdict.Accepted) && kernelTypes.isEmpty()) {
      // Most programs do without kernel types, which take a while to read.
      verdict = Verifier.verify(resolved, made, options.withKernelTypes(LinuxTypes.shipped()));
    }
    return switch (verdict) {
      case Verdict.Accepted(Facts facts, long processed) -> facts;
      case Verdict.Refused(Diagnosis diagnosis, long processed) ->
          throw refused(relocated, diagnosis);
      case Verdict.NotJudged(String reason, long processed) ->
          throw notJudged(
              program,
              reason,
              kernelTypes.isEmpty() && reason.contains("BTF")
                  ? "give the kernel's types (BTF), or load"
                  : "load");
    };
  }

  private VerifierOptions options(RuntimeProgramType type, ProgramSpec program) {
    HostTables tables = host.tables();
    VerifierOptions options =
        VerifierOptions.DEFAULT
            .withCpus(host.cpus())
            .withLimits(host.limits().verifier())
            .withHelpers(tables.ownHelpers())
            .withKernelFunctions(tables.ownKernelFunctions())
            .withMapTypes(mapTypes);
    if (kernelTypes.isPresent()) {
      options = options.withKernelTypes(kernelTypes.get());
    }
    return switch (type) {
      case RuntimeProgramType.OfLinux linux -> options;
      case RuntimeProgramType.OfApplication(var definition) ->
          options.withProgramType(
              new OwnProgramType(definition.context(), definition.lowest(), definition.highest()));
      case RuntimeProgramType.OfMemory memory ->
          throw notJudged(program, "programs over bare memory cannot be proven safe", "load");
    };
  }

  /// The program with the numbers that this host puts in place of weak externs: it has no kernel
  /// variables, and knows which functions it has.
  private ProgramSpec withExterns(ProgramSpec program) {
    long[] slots = program.bytecode().toSlots();
    List<Reference> rest = new ArrayList<>();
    for (Reference reference : program.references()) {
      if (!ProgramMaker.resolveExtern(host.tables(), reference, slots)) {
        rest.add(reference);
      }
    }
    return new ProgramSpec(
        program.name(),
        program.section(),
        program.kind(),
        Bytecode.of(slots),
        program.functions(),
        rest,
        program.relocations(),
        program.lines(),
        program.autoload());
  }

  private static LoadException refused(CoreRelocator.Result relocated, Diagnosis diagnosis) {
    String at = diagnosis.source().map(line -> " (" + line.location() + ")").orElse("");
    String text =
        diagnosis
            .source()
            .map(SourceLine::text)
            .map(String::strip)
            .filter(t -> !t.isEmpty())
            .map(t -> ": " + t)
            .orElse("");
    @Nullable String unadjusted = relocated.failures().get(diagnosis.slot());
    String cause = unadjusted == null ? "" : "; not adjusted to the kernel's types: " + unadjusted;
    return new LoadException(
        "program " + relocated.program().name(),
        diagnosis.errno(),
        "%s, at instruction %d%s%s%s"
            .formatted(diagnosis.message(), diagnosis.slot(), at, text, cause),
        log(diagnosis));
  }

  /// What is known where the program was refused, and the way there.
  private static String log(Diagnosis diagnosis) {
    StringBuilder log = new StringBuilder();
    for (Diagnosis.Branch branch : diagnosis.path()) {
      log.append(branch.slot()).append(": ").append(branch.decision());
      branch.source().ifPresent(line -> log.append(" ; ").append(line.text().strip()));
      log.append('\n');
    }
    return log.append(diagnosis.slot())
        .append(": ")
        .append(String.join(" ", diagnosis.registers()))
        .append('\n')
        .append(diagnosis.message())
        .append('\n')
        .toString();
  }

  private static LoadException notJudged(ProgramSpec program, String reason, String remedy) {
    return new LoadException(
        "program " + program.name(),
        Errno.EOPNOTSUPP,
        "the verifier cannot judge it: %s; %s it unverified, so that each access is checked as it runs"
            .formatted(reason, remedy));
  }
}
