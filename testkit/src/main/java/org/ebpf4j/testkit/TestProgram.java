package org.ebpf4j.testkit;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.ebpf4j.BpfMap;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;

/// A generated program and what its runs are given.
///
/// @param seed what it was generated from
/// @param collection the program, named [#NAME], and its maps
/// @param contents elements that maps have before the first run, by the map's name
/// @param inputs of runs, one after the other
/// @param forms of its instructions; see [ProgramGenerator#forms]
public record TestProgram(
    long seed,
    CollectionSpec collection,
    Map<String, List<BpfMap.Entry>> contents,
    List<TestInput> inputs,
    Set<String> forms) {
  /// The name of the program in the collection.
  public static final String NAME = "generated";

  public TestProgram {
    contents = Map.copyOf(contents);
    inputs = List.copyOf(inputs);
    forms = Set.copyOf(forms);
  }

  /// The program itself.
  public ProgramSpec program() {
    return collection.program(NAME).orElseThrow();
  }

  /// The same with other instructions.
  public TestProgram with(ProgramSpec program) {
    return new TestProgram(seed, collection.withProgram(program), contents, inputs, forms);
  }

  /// The same with one more map, or another in the place of one.
  public TestProgram withMap(MapSpec map) {
    Map<String, MapSpec> maps = new LinkedHashMap<>(collection.maps());
    maps.put(map.name(), map);
    CollectionSpec changed =
        new CollectionSpec(
            collection.name(),
            collection.order(),
            collection.license(),
            collection.kernelVersion(),
            collection.btf(),
            maps,
            collection.programs());
    return new TestProgram(seed, changed, contents, inputs, forms);
  }

  /// The same with other inputs.
  public TestProgram withInputs(List<TestInput> others) {
    return new TestProgram(seed, collection, contents, others, forms);
  }
}
