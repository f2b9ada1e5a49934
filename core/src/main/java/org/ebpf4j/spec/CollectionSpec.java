package org.ebpf4j.spec;

import java.nio.ByteOrder;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.btf.Btf;

/// All programs and maps of one object file, as data. Reading the same file gives the same spec
/// anywhere.
///
/// @param name the object's name, used in messages
/// @param order the byte order it was compiled for; only specs of the host's own order can be
///   loaded
/// @param license the string of the `license` section, "" without one
/// @param kernelVersion the number of the `version` section, 0 without one
/// @param btf the object's own types, empty without a `.BTF` section
/// @param maps by name, in the file's order; global data are maps too
/// @param programs by name, in the file's order
public record CollectionSpec(
    String name,
    ByteOrder order,
    String license,
    int kernelVersion,
    Btf btf,
    Map<String, MapSpec> maps,
    Map<String, ProgramSpec> programs) {

  public CollectionSpec {
    maps = Collections.unmodifiableMap(new LinkedHashMap<>(maps));
    programs = Collections.unmodifiableMap(new LinkedHashMap<>(programs));
  }

  /// A collection of one program without maps, for tests and tools.
  public static CollectionSpec of(ProgramSpec program) {
    return of(List.of(), List.of(program));
  }

  /// A collection made in memory, licensed `GPL` and in the machine's byte order.
  public static CollectionSpec of(List<MapSpec> maps, List<ProgramSpec> programs) {
    Map<String, MapSpec> mapsByName = new LinkedHashMap<>();
    maps.forEach(map -> mapsByName.put(map.name(), map));
    Map<String, ProgramSpec> programsByName = new LinkedHashMap<>();
    programs.forEach(program -> programsByName.put(program.name(), program));
    return new CollectionSpec(
        "memory", ByteOrder.nativeOrder(), "GPL", 0, Btf.empty(), mapsByName, programsByName);
  }

  public Optional<MapSpec> map(String mapName) {
    return Optional.ofNullable(maps.get(mapName));
  }

  public Optional<ProgramSpec> program(String programName) {
    return Optional.ofNullable(programs.get(programName));
  }

  /// The same programs over other maps: how sizes, flags and initial values are changed before
  /// loading.
  public CollectionSpec withMap(MapSpec map) {
    if (!maps.containsKey(map.name())) {
      throw new IllegalArgumentException("no map named " + map.name() + " in " + name);
    }
    Map<String, MapSpec> changed = new LinkedHashMap<>(maps);
    changed.put(map.name(), map);
    return new CollectionSpec(name, order, license, kernelVersion, btf, changed, programs);
  }

  /// The same collection with another program in the place of the one of its name.
  ///
  /// @throws IllegalArgumentException if there is none
  public CollectionSpec withProgram(ProgramSpec program) {
    if (!programs.containsKey(program.name())) {
      throw new IllegalArgumentException("no program named " + program.name() + " in " + name);
    }
    Map<String, ProgramSpec> changed = new LinkedHashMap<>(programs);
    changed.put(program.name(), program);
    return new CollectionSpec(name, order, license, kernelVersion, btf, maps, changed);
  }

  /// The same collection with all programs taken for one type, whatever sections they are in.
  ///
  /// @param type a section's name that says a type, such as `xdp` or `tcx/ingress`
  /// @throws IllegalArgumentException if it says none
  public CollectionSpec withType(String type) {
    Map<String, ProgramSpec> changed = new LinkedHashMap<>();
    programs.forEach((key, program) -> changed.put(key, program.withType(type)));
    return new CollectionSpec(name, order, license, kernelVersion, btf, maps, changed);
  }
}
