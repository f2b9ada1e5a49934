package org.ebpf4j.verifier;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.btf.Btf;

/// What the verifier is to assume of the host, and how strict it is to be.
///
/// @param kernelTypes the kernel's BTF, for programs that use kernel types
/// @param strictAlignment whether all accesses must be aligned (`BPF_F_STRICT_ALIGNMENT`)
/// @param checkpointsEverywhere whether to keep a state wherever states are compared, which tests
///   the comparison (`BPF_F_TEST_STATE_FREQ`)
/// @param unprivileged whether the program is loaded without `CAP_BPF` and `CAP_PERFMON`, as Linux
///   allows where `kernel.unprivileged_bpf_disabled` is 0
/// @param cpus how many CPUs the host has: the processor's number is below this
/// @param variableAddresses whether the kernel finds the addresses of its variables by their names
///   (`CONFIG_KALLSYMS_ALL`); else it refuses programs that name one
/// @param programType what holds for a program whose section stands for no type of Linux's
/// @param replaced the program with the function that a program of type `EXT` replaces
/// @param helpers what the application adds to Linux's helpers; all programs may call them
/// @param kernelFunctions what it adds to Linux's kernel functions, by name; all programs may call
///   them, and a name that Linux has means the application's
/// @param mapTypes for maps whose types are not the collection's, by the map's name, what they are
///   of
/// @param limits what one verification may take
public record VerifierOptions(
    Optional<Btf> kernelTypes,
    boolean strictAlignment,
    boolean checkpointsEverywhere,
    boolean unprivileged,
    int cpus,
    boolean variableAddresses,
    Optional<OwnProgramType> programType,
    Optional<ReplacedProgram> replaced,
    List<HelperPrototype> helpers,
    List<HelperPrototype> kernelFunctions,
    Map<String, Btf> mapTypes,
    VerifierLimits limits) {
  /// No kernel types, accesses of any alignment, as many CPUs as Linux may have, and nothing of the
  /// application's own.
  public static final VerifierOptions DEFAULT =
      new VerifierOptions(
          Optional.empty(),
          false,
          false,
          false,
          8192,
          true,
          Optional.empty(),
          Optional.empty(),
          List.of(),
          List.of(),
          Map.of(),
          VerifierLimits.LINUX);

  public VerifierOptions {
    if (cpus < 1) {
      throw new IllegalArgumentException("a host has one CPU or more, not " + cpus);
    }
    helpers = List.copyOf(helpers);
    kernelFunctions = List.copyOf(kernelFunctions);
    mapTypes = Map.copyOf(mapTypes);
  }

  public VerifierOptions withKernelTypes(Btf btf) {
    return new VerifierOptions(
        Optional.of(btf),
        strictAlignment,
        checkpointsEverywhere,
        unprivileged,
        cpus,
        variableAddresses,
        programType,
        replaced,
        helpers,
        kernelFunctions,
        mapTypes,
        limits);
  }

  public VerifierOptions withStrictAlignment(boolean strict) {
    return new VerifierOptions(
        kernelTypes,
        strict,
        checkpointsEverywhere,
        unprivileged,
        cpus,
        variableAddresses,
        programType,
        replaced,
        helpers,
        kernelFunctions,
        mapTypes,
        limits);
  }

  public VerifierOptions withCheckpointsEverywhere(boolean everywhere) {
    return new VerifierOptions(
        kernelTypes,
        strictAlignment,
        everywhere,
        unprivileged,
        cpus,
        variableAddresses,
        programType,
        replaced,
        helpers,
        kernelFunctions,
        mapTypes,
        limits);
  }

  public VerifierOptions withUnprivileged(boolean newUnprivileged) {
    return new VerifierOptions(
        kernelTypes,
        strictAlignment,
        checkpointsEverywhere,
        newUnprivileged,
        cpus,
        variableAddresses,
        programType,
        replaced,
        helpers,
        kernelFunctions,
        mapTypes,
        limits);
  }

  public VerifierOptions withCpus(int newCpus) {
    return new VerifierOptions(
        kernelTypes,
        strictAlignment,
        checkpointsEverywhere,
        unprivileged,
        newCpus,
        variableAddresses,
        programType,
        replaced,
        helpers,
        kernelFunctions,
        mapTypes,
        limits);
  }

  public VerifierOptions withVariableAddresses(boolean found) {
    return new VerifierOptions(
        kernelTypes,
        strictAlignment,
        checkpointsEverywhere,
        unprivileged,
        cpus,
        found,
        programType,
        replaced,
        helpers,
        kernelFunctions,
        mapTypes,
        limits);
  }

  public VerifierOptions withProgramType(OwnProgramType type) {
    return new VerifierOptions(
        kernelTypes,
        strictAlignment,
        checkpointsEverywhere,
        unprivileged,
        cpus,
        variableAddresses,
        Optional.of(type),
        replaced,
        helpers,
        kernelFunctions,
        mapTypes,
        limits);
  }

  public VerifierOptions withReplaced(ReplacedProgram newReplaced) {
    return new VerifierOptions(
        kernelTypes,
        strictAlignment,
        checkpointsEverywhere,
        unprivileged,
        cpus,
        variableAddresses,
        programType,
        Optional.of(newReplaced),
        helpers,
        kernelFunctions,
        mapTypes,
        limits);
  }

  public VerifierOptions withHelpers(List<HelperPrototype> own) {
    return new VerifierOptions(
        kernelTypes,
        strictAlignment,
        checkpointsEverywhere,
        unprivileged,
        cpus,
        variableAddresses,
        programType,
        replaced,
        own,
        kernelFunctions,
        mapTypes,
        limits);
  }

  public VerifierOptions withKernelFunctions(List<HelperPrototype> own) {
    return new VerifierOptions(
        kernelTypes,
        strictAlignment,
        checkpointsEverywhere,
        unprivileged,
        cpus,
        variableAddresses,
        programType,
        replaced,
        helpers,
        own,
        mapTypes,
        limits);
  }

  public VerifierOptions withMapTypes(Map<String, Btf> types) {
    return new VerifierOptions(
        kernelTypes,
        strictAlignment,
        checkpointsEverywhere,
        unprivileged,
        cpus,
        variableAddresses,
        programType,
        replaced,
        helpers,
        kernelFunctions,
        types,
        limits);
  }

  public VerifierOptions withLimits(VerifierLimits newLimits) {
    return new VerifierOptions(
        kernelTypes,
        strictAlignment,
        checkpointsEverywhere,
        unprivileged,
        cpus,
        variableAddresses,
        programType,
        replaced,
        helpers,
        kernelFunctions,
        mapTypes,
        newLimits);
  }
}
