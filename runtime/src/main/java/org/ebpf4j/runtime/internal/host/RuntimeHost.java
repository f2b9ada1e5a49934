package org.ebpf4j.runtime.internal.host;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadException;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.Environment;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.runtime.ProgramTypeDefinition;
import org.ebpf4j.runtime.internal.map.MapHandle;
import org.ebpf4j.runtime.internal.map.MapRegistry;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.runtime.internal.object.KernelObjects;
import org.ebpf4j.spec.MapSpec;

/// What all collections of one JVM host share.
public final class RuntimeHost {
  private final Limits limits;
  private final Environment environment;
  private final HostTables tables;
  private final Engines engines;
  private final Epochs epochs;
  private final Budget budget;
  private final KernelObjects objects;
  private final Runs runs;
  private final MapRegistry maps;
  private final AtomicInteger programs = new AtomicInteger();
  private final Set<JvmCollection> collections = ConcurrentHashMap.newKeySet();
  private final Set<MapHandle> created = ConcurrentHashMap.newKeySet();
  private final AtomicInteger nextProgramId = new AtomicInteger(1);
  private final Map<String, MapHandle> pinned = new HashMap<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  public RuntimeHost(
      int cpus,
      Limits limits,
      Environment environment,
      HostTables tables,
      Engines engines,
      Instruments instruments) {
    this.limits = limits;
    this.environment = environment;
    this.tables = tables;
    this.engines = engines;
    this.epochs = new Epochs(cpus);
    this.budget = new Budget(limits.mapBytes(), instruments.poison());
    this.objects = new KernelObjects(epochs, budget);
    this.runs =
        new Runs(cpus, epochs, environment, objects, limits.instructions(), instruments.observer());
    this.maps =
        new MapRegistry(
            epochs,
            budget,
            limits.maps(),
            new FieldReleaser(runs.timers(), objects),
            () -> ((long) environment.random() << 32) ^ environment.random(),
            cookie -> environment.network().socket(cookie));
  }

  public int cpus() {
    return runs.count();
  }

  Limits limits() {
    return limits;
  }

  Environment environment() {
    return environment;
  }

  HostTables tables() {
    return tables;
  }

  Engines engines() {
    return engines;
  }

  Epochs epochs() {
    return epochs;
  }

  Budget budget() {
    return budget;
  }

  Runs runs() {
    return runs;
  }

  public void fireTimers() {
    runs.timers().fireDue();
  }

  /// A map of no collection, closed with the host.
  ///
  /// @throws IllegalStateException if the host is closed, even meanwhile
  public BpfMap createMap(MapSpec spec) {
    checkOpen();
    MapHandle handle =
        new MapHandle(maps.create(MapMaker.adjusted(spec, cpus()), Btf.empty()), created::remove);
    created.add(handle);
    if (closed.get()) {
      handle.close();
      checkOpen();
    }
    return handle;
  }

  /// Whether it was built with this program type.
  public boolean knows(ProgramTypeDefinition<?> type) {
    return tables.programTypes().contains(type);
  }

  public MapRegistry maps() {
    return maps;
  }

  /// The programs of all collections, by ascending id.
  List<JvmProgram> programs() {
    List<JvmProgram> all = new ArrayList<>();
    collections.forEach(collection -> all.addAll(collection.loaded()));
    all.sort(Comparator.comparingInt(JvmProgram::id));
    return all;
  }

  int nextProgramId() {
    return nextProgramId.getAndIncrement();
  }

  /// The map shared under a spec's name (`LIBBPF_PIN_BY_NAME`): the one that is there, or a new
  /// one. It stays until the host is closed.
  ///
  /// @throws LoadException if the one that is there does not fit
  BpfMap pinned(MapSpec spec, Supplier<MapHandle> maker) {
    synchronized (pinned) {
      MapHandle shared = pinned.get(spec.name());
      if (shared == null) {
        shared = maker.get();
        pinned.put(spec.name(), shared);
      }
      MapSpec actual = shared.spec();
      if (actual.typeNumber() != spec.typeNumber()
          || actual.keySize() != spec.keySize()
          || actual.valueSize() != spec.valueSize()
          || actual.maxEntries() != spec.maxEntries()
          || actual.flags() != spec.flags()) {
        throw new LoadException(
            "map " + spec.name(),
            Errno.EINVAL,
            "a map of this name is pinned already, and has another type or size");
      }
      shared.map().retainUser();
      return new MapHandle(shared.map());
    }
  }

  /// Counts a program in.
  ///
  /// @throws LoadException `EMFILE` over the limit
  void countProgram(String name) {
    if (programs.incrementAndGet() > limits.programs()) {
      programs.decrementAndGet();
      throw new LoadException(
          "program " + name,
          Errno.EMFILE,
          "the host's limit of %d programs is reached".formatted(limits.programs()));
    }
  }

  void forgetPrograms(int count) {
    programs.addAndGet(-count);
  }

  /// Counts a collection in, to be closed with the host.
  ///
  /// @throws IllegalStateException if the host was closed meanwhile; the collection is closed then
  void add(JvmCollection collection) {
    collections.add(collection);
    if (closed.get()) {
      collection.close();
      checkOpen();
    }
  }

  void remove(JvmCollection collection) {
    collections.remove(collection);
  }

  /// @throws IllegalStateException if the host is closed
  public void checkOpen() {
    if (closed.get()) {
      throw new IllegalStateException("the host is closed");
    }
  }

  /// Closes all collections and maps. Memory goes when the runs under way are over.
  public void close() {
    if (closed.compareAndSet(false, true)) {
      List.copyOf(collections).forEach(JvmCollection::close);
      List.copyOf(created).forEach(MapHandle::close);
      synchronized (pinned) {
        pinned.values().forEach(MapHandle::close);
      }
      runs.timers().close();
      engines.close();
      epochs.retire(runs::close, 0);
      objects.close();
      epochs.retire(budget::endQuarantine, 0);
      epochs.reclaim();
    }
  }
}
