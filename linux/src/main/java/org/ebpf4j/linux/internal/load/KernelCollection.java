package org.ebpf4j.linux.internal.load;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.GlobalVariable;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.linux.internal.map.KernelMap;
import org.ebpf4j.linux.internal.object.OpenObjects;
import org.ebpf4j.linux.internal.program.KernelProgram;
import org.ebpf4j.spec.CollectionSpec;
import org.jspecify.annotations.Nullable;

/// The maps and programs of one object in the kernel.
final class KernelCollection implements LoadedCollection, OpenObjects.Owned {
  private final CollectionSpec spec;
  private final Map<String, KernelMap> maps;
  private final Map<String, KernelProgram> programs;
  private final Globals globals;
  private final OpenObjects objects;
  private final OpenObjects owner;

  /// @param objects what of it is to be closed: all but the maps that the caller brought along
  /// @param owner is told when it is closed
  KernelCollection(
      CollectionSpec spec,
      Map<String, KernelMap> maps,
      Map<String, KernelProgram> programs,
      Globals globals,
      OpenObjects objects,
      OpenObjects owner) {
    this.spec = spec;
    this.maps = Collections.unmodifiableMap(new LinkedHashMap<>(maps));
    this.programs = Collections.unmodifiableMap(new LinkedHashMap<>(programs));
    this.globals = globals;
    this.objects = objects;
    this.owner = owner;
  }

  @Override
  public CollectionSpec spec() {
    return spec;
  }

  @Override
  public Map<String, BpfProgram> programs() {
    return Collections.unmodifiableMap(programs);
  }

  @Override
  public Map<String, BpfMap> maps() {
    return Collections.unmodifiableMap(maps);
  }

  @Override
  public BpfProgram program(String name) {
    return require("program", name, programs.get(name), programs.keySet());
  }

  @Override
  public BpfMap map(String name) {
    return require("map", name, maps.get(name), maps.keySet());
  }

  private <T> T require(String what, String name, @Nullable T found, Set<String> names) {
    if (found == null) {
      throw new NoSuchElementException(
          "no %s %s loaded from %s; there are %s".formatted(what, name, spec.name(), names));
    }
    return found;
  }

  @Override
  public GlobalVariable variable(String name) {
    return globals.variable(name, maps);
  }

  @Override
  public void close() {
    owner.remove(this);
    objects.close();
  }
}
