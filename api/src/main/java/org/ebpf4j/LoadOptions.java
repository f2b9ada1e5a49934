package org.ebpf4j;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.btf.Btf;

/// How a collection is loaded. Immutable: each `with…` gives a changed copy.
///
/// @param programs names of the programs to load; empty for those that load by themselves (all but
///   sections that begin with `?`)
/// @param maps live maps that take the place of the spec's, by name
/// @param globals initial bytes of global variables, by name; the size must match
/// @param kernelTypes what CO-RE relocates against, instead of the host's own
/// @param unverified whether programs run unproven, each access checked (JVM host only)
public record LoadOptions(
    Set<String> programs,
    Map<String, BpfMap> maps,
    Map<String, byte[]> globals,
    Optional<Btf> kernelTypes,
    boolean unverified) {

  public LoadOptions {
    programs = Set.copyOf(programs);
    maps = Map.copyOf(maps);
    globals = Map.copyOf(globals);
  }

  private static final LoadOptions DEFAULTS =
      new LoadOptions(Set.of(), Map.of(), Map.of(), Optional.empty(), false);

  public static LoadOptions defaults() {
    return DEFAULTS;
  }

  /// Loads this program, and of the others only those named likewise.
  public LoadOptions withProgram(String name) {
    Set<String> more = new HashSet<>(programs);
    more.add(name);
    return new LoadOptions(more, maps, globals, kernelTypes, unverified);
  }

  /// Uses a live map in place of the spec's map of this name. It must fit the spec. The collection
  /// takes a hold of its own on it, so that either may be closed first; but an arena in Linux,
  /// which is mapped once in a process, ends for the collection's user too when its own user closes
  /// it.
  public LoadOptions withMap(String name, BpfMap map) {
    Map<String, BpfMap> more = new HashMap<>(maps);
    more.put(name, map);
    return new LoadOptions(programs, more, globals, kernelTypes, unverified);
  }

  /// Sets a global variable before anything runs, `const volatile` ones too.
  public LoadOptions withGlobal(String variable, byte[] bytes) {
    Map<String, byte[]> more = new HashMap<>(globals);
    more.put(variable, bytes.clone());
    return new LoadOptions(programs, maps, more, kernelTypes, unverified);
  }

  public LoadOptions withKernelTypes(Btf types) {
    return new LoadOptions(programs, maps, globals, Optional.of(types), unverified);
  }

  public LoadOptions withUnverified(boolean newUnverified) {
    return new LoadOptions(programs, maps, globals, kernelTypes, newUnverified);
  }
}
