package org.ebpf4j.runtime.internal.host;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.GlobalVariable;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.spec.CollectionSpec;

/// The live maps and programs of one object in the JVM host.
final class JvmCollection implements LoadedCollection {
  private final RuntimeHost host;
  private final CollectionSpec spec;
  private final Map<String, BpfMap> handles;
  private final Map<String, RuntimeMap> maps;
  private final Map<String, JvmProgram> programs;
  private final Map<String, GlobalVariable> variables;
  private final AtomicBoolean closed = new AtomicBoolean();

  /// @param handles what users get, closed with the collection but for those that they brought
  ///   along
  /// @param maps the maps themselves, of which the collection has a hold
  JvmCollection(
      RuntimeHost host,
      CollectionSpec spec,
      Map<String, BpfMap> handles,
      Map<String, RuntimeMap> maps,
      Map<String, JvmProgram> programs,
      Map<String, GlobalVariable> variables) {
    this.host = host;
    this.spec = spec;
    this.handles = new LinkedHashMap<>(handles);
    this.maps = new LinkedHashMap<>(maps);
    this.programs = new LinkedHashMap<>(programs);
    this.variables = new LinkedHashMap<>(variables);
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
    return Collections.unmodifiableMap(handles);
  }

  /// The programs, by the order of the object file.
  Collection<JvmProgram> loaded() {
    return programs.values();
  }

  @Override
  public BpfProgram program(String name) {
    return find(programs, "program", name);
  }

  @Override
  public BpfMap map(String name) {
    return find(handles, "map", name);
  }

  @Override
  public GlobalVariable variable(String name) {
    return find(variables, "global variable", name);
  }

  private <T> T find(Map<String, T> things, String what, String name) {
    T found = things.get(name);
    if (found == null) {
      throw new NoSuchElementException(
          "%s has no %s named %s; it has %s"
              .formatted(
                  spec.name(),
                  what,
                  name,
                  things.isEmpty() ? "none" : String.join(", ", things.keySet())));
    }
    return found;
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    host.remove(this);
    programs.values().forEach(JvmProgram::close);
    host.forgetPrograms(programs.size());
    handles.values().forEach(BpfMap::close);
    maps.values().forEach(RuntimeMap::release);
    host.epochs().reclaim();
  }
}
