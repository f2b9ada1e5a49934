package org.ebpf4j.runtime.internal.host;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.IteratorTarget;
import org.ebpf4j.RunException;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.Task;
import org.ebpf4j.runtime.internal.context.IteratorContext;
import org.ebpf4j.runtime.internal.map.MapHandle;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.object.ProgramStruct;
import org.ebpf4j.verifier.Facts;

/// What an iterator visits, one after the other.
///
/// Source: `struct bpf_iter_reg` in Linux 6.18's `kernel/bpf/map_iter.c`, `prog_iter.c` and
/// `task_iter.c`.
///
/// @param things what is visited
/// @param map a hold on the map whose elements are visited, if they are
record Visits(Iterator<Visit> things, Optional<MapHandle> map) implements AutoCloseable {

  @Override
  public void close() {
    map.ifPresent(MapHandle::close);
  }

  /// A thing that a program can be shown.
  @FunctionalInterface
  interface Visit {
    /// Puts it into the context.
    void show(IteratorContext context);
  }

  /// @param program the iterator
  /// @throws RunException `EINVAL` if it does not visit the target, `ENOTSUPP` if it visits what
  ///   this host does not have
  static Visits of(JvmProgram program, IteratorTarget target, IteratorContext context) {
    RuntimeHost host = program.host();
    String kind = program.spec().kind().target();
    return switch (kind) {
      case "bpf_map_elem" -> elements(program, target, context);
      case "bpf_map" -> {
        requireAll(program, target);
        yield maps(host);
      }
      case "bpf_prog" -> {
        requireAll(program, target);
        yield programs(program);
      }
      case "task" -> tasks(program, target);
      default ->
          throw new RunException(
              program.name(),
              Errno.ENOTSUPP,
              "this host's iterators visit bpf_map_elem, bpf_map, bpf_prog and task, not " + kind);
    };
  }

  private static void requireAll(JvmProgram program, IteratorTarget target) {
    if (!(target instanceof IteratorTarget.All)) {
      throw refused(program, target);
    }
  }

  private static RunException refused(JvmProgram program, IteratorTarget target) {
    return new RunException(
        program.name(),
        Errno.EINVAL,
        "an iterator over %s does not visit %s"
            .formatted(
                program.spec().kind().target(),
                switch (target) {
                  case IteratorTarget.All() -> "all there is";
                  case IteratorTarget.Elements(BpfMap map) -> "the elements of map " + map.name();
                  case IteratorTarget.OneThread(int number) -> "thread " + number;
                  case IteratorTarget.OneProcess(int number) -> "process " + number;
                }));
  }

  private static Visits elements(
      JvmProgram program, IteratorTarget target, IteratorContext context) {
    if (!(target instanceof IteratorTarget.Elements(BpfMap map))) {
      throw new RunException(
          program.name(), Errno.EBADF, "an iterator over elements needs a map to visit");
    }
    if (!(map instanceof MapHandle handle)
        || !program.host().maps().find(handle.map().id()).equals(Optional.of(handle.map()))
        || !handle.map().retainUser()) {
      throw new RunException(
          program.name(),
          Errno.EBADF,
          "map %s is closed, or not of this host".formatted(map.name()));
    }
    MapHandle held = new MapHandle(handle.map());
    boolean begun = false;
    try {
      boolean copied = copied(program, map);
      requireRoom(program, handle.map());
      Visits visits = new Visits(new ElementVisits(held, copied, context), Optional.of(held));
      begun = true;
      return visits;
    } finally {
      if (!begun) {
        held.close();
      }
    }
  }

  /// Refuses a map whose keys or values end before what the program's proof takes to be there.
  /// Source: `bpf_iter_attach_map` in Linux 6.18's `kernel/bpf/map_iter.c`.
  private static void requireRoom(JvmProgram program, RuntimeMap map) {
    if (program.facts().isEmpty()) {
      return; // each access is checked
    }
    Facts facts = program.facts().get();
    long value =
        map.spec().type().filter(MapType::isPerCpu).isPresent()
            ? (map.spec().valueSize() + 7L & -8L) * program.host().cpus()
            : map.spec().valueSize();
    if (facts.shownKeyBytes() > map.spec().keySize() || facts.shownValueBytes() > value) {
      throw new RunException(
          program.name(),
          Errno.EACCES,
          "it accesses %d bytes of keys and %d of values; map %s shows %d and %d"
              .formatted(
                  facts.shownKeyBytes(),
                  facts.shownValueBytes(),
                  map.spec().name(),
                  map.spec().keySize(),
                  value));
    }
  }

  /// Whether programs are shown copies of a map's values: those of all CPUs.
  private static boolean copied(JvmProgram program, BpfMap map) {
    return switch (map.type()) {
      case HASH, LRU_HASH, ARRAY -> false;
      case PERCPU_HASH, LRU_PERCPU_HASH, PERCPU_ARRAY -> true;
      default ->
          throw new RunException(
              program.name(),
              Errno.EINVAL,
              "maps of type %s have no iterator".formatted(map.type()));
    };
  }

  private static Visits maps(RuntimeHost host) {
    List<Visit> visits = new ArrayList<>();
    host.maps().all().stream()
        .sorted(Comparator.comparingInt(RuntimeMap::id))
        .forEach(map -> visits.add(context -> context.showMap(map)));
    return new Visits(visits.iterator(), Optional.empty());
  }

  private static Visits programs(JvmProgram iterator) {
    ProgramStruct struct = new ProgramStruct(iterator.linked().types().kernel());
    List<Visit> visits = new ArrayList<>();
    for (JvmProgram program : iterator.host().programs()) {
      ProgramStruct.Program shown =
          new ProgramStruct.Program(
              program.id(),
              program.name(),
              program.spec().kind().type().map(ProgramType::number).orElse(0),
              program.spec().kind().attach().map(AttachType::number).orElse(0),
              program.spec().bytecode().size());
      visits.add(context -> context.showProgram(struct, shown));
    }
    return new Visits(visits.iterator(), Optional.empty());
  }

  private static Visits tasks(JvmProgram program, IteratorTarget target) {
    List<Visit> visits = new ArrayList<>();
    for (Task task : program.host().environment().tasks()) {
      boolean visited =
          switch (target) {
            case IteratorTarget.All() -> true;
            case IteratorTarget.OneThread(int number) -> task.thread() == number;
            case IteratorTarget.OneProcess(int number) -> task.process() == number;
            case IteratorTarget.Elements(BpfMap map) -> throw refused(program, target);
          };
      if (visited) {
        visits.add(context -> context.showTask(task.thread()));
      }
    }
    return new Visits(visits.iterator(), Optional.empty());
  }

  /// The elements of a map, as they are when their part of it is reached.
  private static final class ElementVisits implements Iterator<Visit> {
    private final MapHandle map;
    private Iterator<BpfMap.Entry> part = Collections.emptyIterator();
    private int nextPart;
    private Optional<byte[]> nextKey;

    ElementVisits(MapHandle map, boolean copied, IteratorContext context) {
      this.map = map;
      context.showElementsOf(map.map(), copied);
      this.nextKey = map.map().parts() == 0 ? map.firstKey() : Optional.empty();
    }

    @Override
    public boolean hasNext() {
      while (!part.hasNext() && nextPart < map.map().parts()) {
        part = map.entriesOf(nextPart++).iterator();
      }
      return part.hasNext() || nextKey.isPresent();
    }

    @Override
    public Visit next() {
      if (part.hasNext()) {
        BpfMap.Entry entry = part.next();
        return context -> context.showElement(entry.key(), entry.value());
      }
      byte[] key = nextKey.orElseThrow(NoSuchElementException::new);
      nextKey = map.nextKey(key);
      byte[] value = map.lookup(key).orElseThrow();
      return context -> context.showElement(key, value);
    }
  }
}
