package org.ebpf4j.runtime.internal.host;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.runtime.ProgramTypeDefinition;
import org.ebpf4j.runtime.internal.engine.Callee;
import org.ebpf4j.spec.ProgramSpec;

/// The rows of one host: the built-in tables and what the application added.
///
/// @param helpers what can be called by number
/// @param kernelFunctions what can be called by name
/// @param ownHelpers prototypes of the helpers that the application added
/// @param ownKernelFunctions prototypes of the kernel functions that it added
/// @param programTypes the application's own program types
/// @param memoryTypes sections of bare programs over memory
/// @param kconfig values of `.kconfig` variables
/// @param kernelTypes what CO-RE relocates against, unless the caller brings types; empty: the
///   object's own
public record HostTables(
    Map<Integer, Callee> helpers,
    Map<String, Callee> kernelFunctions,
    List<HelperPrototype> ownHelpers,
    List<HelperPrototype> ownKernelFunctions,
    List<ProgramTypeDefinition<?>> programTypes,
    Set<String> memoryTypes,
    Map<String, String> kconfig,
    Optional<Btf> kernelTypes) {

  public HostTables {
    helpers = Map.copyOf(helpers);
    kernelFunctions = Map.copyOf(kernelFunctions);
    ownHelpers = List.copyOf(ownHelpers);
    ownKernelFunctions = List.copyOf(ownKernelFunctions);
    programTypes = List.copyOf(programTypes);
    memoryTypes = Set.copyOf(memoryTypes);
    kconfig = Map.copyOf(kconfig);
  }

  /// The type that a program is of: the application's, if its section is one of those, else
  /// Linux's.
  Optional<RuntimeProgramType> typeOf(ProgramSpec program) {
    for (ProgramTypeDefinition<?> definition : programTypes) {
      if (definition.matches(program.section())) {
        return Optional.of(new RuntimeProgramType.OfApplication(definition));
      }
    }
    if (memoryTypes.contains(program.section())) {
      return Optional.of(new RuntimeProgramType.OfMemory(program.section()));
    }
    return program.kind().type().map(RuntimeProgramType.OfLinux::new);
  }

  /// The program as one of its type: what a section's name says in Linux is not so of the programs
  /// of an application that has given the name to a type of its own.
  static ProgramSpec asOf(RuntimeProgramType type, ProgramSpec program) {
    return switch (type) {
      case RuntimeProgramType.OfLinux linux -> program;
      case RuntimeProgramType.OfApplication application -> withoutKind(program);
      case RuntimeProgramType.OfMemory memory -> withoutKind(program);
    };
  }

  private static ProgramSpec withoutKind(ProgramSpec program) {
    return program.withKind(
        new ProgramSpec.ProgramKind(
            Optional.empty(), Optional.empty(), program.kind().target(), false, false));
  }
}
