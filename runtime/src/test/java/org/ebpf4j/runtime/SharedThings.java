package org.ebpf4j.runtime;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.ebpf4j.BpfMap;
import org.ebpf4j.EventReader;
import org.ebpf4j.Link;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.jspecify.annotations.Nullable;

/// What the threads of the stress share: a host, and in slots collections, links, runners and
/// readers, each of which any thread may use, replace or close at any moment.
final class SharedThings {
  /// What programs are given: a key, and another one.
  public record Event(long key, long other) {}

  /// What a thread may do.
  enum Action {
    FIRE,
    RUN,
    USE_RUNNER,
    REPLACE_RUNNER,
    LOAD,
    UNLOAD,
    ATTACH,
    REPLACE_LINK,
    DETACH,
    UPDATE,
    DELETE,
    LOOK_UP,
    WALK,
    REPLACE_INNER,
    DELETE_INNER,
    PUT_PROGRAM,
    CLOSE_MAP,
    POLL,
    CLOSE_READER,
    REPLACE_HOST
  }

  private static final Action[] ACTIONS = Action.values();
  private static final int SLOTS = 3;
  private static final int KEYS = 16;
  private static final int CPUS = 2;
  private static final long POISON = 0xdddd_dddd_dddd_ddddL;

  private static final ProgramTypeDefinition<Event> EVENT =
      ProgramTypeDefinition.of("event", Event.class);

  private static final int NO_PREALLOC = 1;
  private static final MapSpec INNER = MapSpec.of("inner", MapType.HASH, 8, 8, 8);

  private static final List<MapSpec> MAPS =
      List.of(
          MapSpec.of("hash", MapType.HASH, 8, 8, KEYS).withFlags(NO_PREALLOC),
          MapSpec.of("array", MapType.ARRAY, 4, 8, KEYS),
          MapSpec.of("lru", MapType.LRU_HASH, 8, 8, KEYS / 2),
          MapSpec.of("outer", MapType.HASH_OF_MAPS, 8, 4, KEYS).withInner(INNER),
          MapSpec.of("ring", MapType.RINGBUF, 0, 0, 4096),
          MapSpec.of("programs", MapType.PROG_ARRAY, 4, 4, 2),
          MapSpec.of("preallocated", MapType.HASH, 8, 8, KEYS),
          MapSpec.of("percpu", MapType.PERCPU_HASH, 8, 8, KEYS).withFlags(NO_PREALLOC));

  private static final List<String> KEYED = List.of("hash", "lru", "preallocated", "percpu");

  /// Looks up and changes all maps, writes records, and goes on with the program of the array;
  /// gives 1 if it saw poison. Values are keys, of which none looks like poison.
  private static final String TEXT =
      """
      r6 = r1
      r1 = *(u64 *)(r6 + 0)
      *(u64 *)(r10 - 8) = r1
      r1 = *(u64 *)(r6 + 8)
      *(u64 *)(r10 - 16) = r1
      r9 = -2459565876494606883
      %s
      ld_pseudo r1, 1, 3
      r2 = r10
      r2 += -8
      call 1
      if r0 == 0 goto ring
      r7 = r0
      r1 = r0
      r2 = r10
      r2 += -16
      call 1
      if r0 == 0 goto fill
      r1 = *(u64 *)(r0 + 0)
      if r1 == r9 goto poisoned
      fill:
      r1 = r7
      r2 = r10
      r2 += -16
      r3 = r2
      r4 = 0
      call 2
      ring:
      ld_pseudo r1, 1, 4
      r2 = r10
      r2 += -16
      r3 = 8
      r4 = 0
      call 130
      ld_pseudo r1, 1, 4
      r2 = 16
      r3 = 0
      call 131
      if r0 == 0 goto tail
      r1 = *(u64 *)(r10 - 8)
      *(u64 *)(r0 + 0) = r1
      *(u64 *)(r0 + 8) = r1
      r1 = r0
      r2 = 0
      call 132
      tail:
      r1 = r6
      ld_pseudo r2, 1, 5
      r3 = *(u64 *)(r6 + 8)
      call 12
      r0 = 0
      exit
      poisoned:
      r0 = 1
      exit
      """
          .replace("-2459565876494606883", Long.toString(POISON) + " ll")
          .formatted(keyed(0) + keyed(2) + keyed(6) + keyed(7));

  /// Looks one key up, reads it again after another was deleted, and puts it.
  private static String keyed(int map) {
    return """
    ld_pseudo r1, 1, %1$d
    r2 = r10
    r2 += -8
    call 1
    if r0 == 0 goto put%1$d
    r7 = r0
    r1 = *(u64 *)(r7 + 0)
    if r1 == r9 goto poisoned
    ld_pseudo r1, 1, %1$d
    r2 = r10
    r2 += -16
    call 3
    r1 = *(u64 *)(r7 + 0)
    if r1 == r9 goto poisoned
    put%1$d:
    ld_pseudo r1, 1, %1$d
    r2 = r10
    r2 += -8
    r3 = r2
    r4 = 0
    call 2
    """
        .formatted(map);
  }

  private static final CollectionSpec SPEC =
      CollectionSpec.of(MAPS, List.of(Programs.program("test", "event", TEXT, MAPS)));

  /// A host and what lives in it; another host begins with nothing.
  private static final class World {
    final JvmHost host =
        JvmHost.builder().cpus(CPUS).programType(EVENT).poisonFreedMemory(true).build();
    final Hook<Event> hook = host.hook(EVENT);
    final AtomicReferenceArray<@Nullable LoadedCollection> collections =
        new AtomicReferenceArray<>(SLOTS);
    final AtomicReferenceArray<@Nullable Link> links = new AtomicReferenceArray<>(SLOTS);
    final AtomicReferenceArray<@Nullable Runner> runners = new AtomicReferenceArray<>(SLOTS);
    final AtomicReferenceArray<@Nullable EventReader> readers = new AtomicReferenceArray<>(SLOTS);
  }

  private final AtomicReference<World> world = new AtomicReference<>(new World());
  private final AtomicLong poison = new AtomicLong();
  private final Map<Action, AtomicLong> counts = new EnumMap<>(Action.class);

  SharedThings() {
    for (Action action : ACTIONS) {
      counts.put(action, new AtomicLong());
    }
  }

  /// How often freed memory was seen.
  long poisonSeen() {
    return poison.get();
  }

  /// How often each action came to its end.
  Map<Action, Long> counts() {
    Map<Action, Long> copy = new EnumMap<>(Action.class);
    counts.forEach((action, count) -> copy.put(action, count.get()));
    return copy;
  }

  /// Whether every action came to its end at least once.
  boolean didEverything() {
    return counts.values().stream().allMatch(count -> count.get() > 0);
  }

  void close() {
    world.get().host.close();
  }

  /// Does something.
  void act(SplittableRandom random) {
    World now = world.get();
    Action action = random.nextInt(3) > 0 ? Action.FIRE : ACTIONS[random.nextInt(ACTIONS.length)];
    if (perform(action, now, random.nextInt(SLOTS), random)) {
      counts.get(action).incrementAndGet();
    }
  }

  /// Whether there was something to do it to.
  private boolean perform(Action action, World now, int slot, SplittableRandom random) {
    Optional<LoadedCollection> loaded = Optional.ofNullable(now.collections.get(slot));
    return switch (action) {
      case FIRE -> {
        see(now.hook.fire(event(random), 0));
        yield true;
      }
      case RUN ->
          with(
              loaded,
              c -> see(c.program("test").run(RunInput.context(bytes(random))).returnValue()));
      case USE_RUNNER -> with(Optional.ofNullable(now.runners.get(slot)), r -> use(r, random));
      case REPLACE_RUNNER ->
          with(loaded, c -> close(now.runners.getAndSet(slot, c.program("test").runner())));
      case LOAD -> {
        close(now.collections.getAndSet(slot, now.host.load(SPEC)));
        yield true;
      }
      case UNLOAD -> {
        // Closed but still there: others go on to use it.
        yield random.nextInt(4) == 0 && with(loaded, LoadedCollection::close);
      }
      case ATTACH ->
          with(loaded, c -> close(now.links.getAndSet(slot, now.hook.attach(c.program("test")))));
      case REPLACE_LINK ->
          with(
              loaded,
              c ->
                  with(
                      Optional.ofNullable(now.links.get(random.nextInt(SLOTS))),
                      link -> link.replace(c.program("test"))));
      case DETACH -> with(Optional.ofNullable(now.links.get(slot)), Link::close);
      case UPDATE ->
          with(
              loaded,
              c -> {
                BpfMap map = keyedMap(c, random);
                map.update(key(random), value(map, random));
              });
      case DELETE -> with(loaded, c -> keyedMap(c, random).delete(key(random)));
      case LOOK_UP ->
          with(loaded, c -> keyedMap(c, random).lookup(key(random)).ifPresent(this::see));
      case WALK ->
          with(loaded, c -> keyedMap(c, random).entries().forEach(entry -> see(entry.value())));
      case REPLACE_INNER -> with(loaded, c -> replaceInner(now, c, random));
      case DELETE_INNER -> with(loaded, c -> c.map("outer").delete(key(random)));
      case PUT_PROGRAM ->
          with(
              loaded,
              c ->
                  with(
                      Optional.ofNullable(now.collections.get(random.nextInt(SLOTS))),
                      other ->
                          c.map("programs").putProgram(random.nextInt(2), other.program("test"))));
      case CLOSE_MAP ->
          random.nextInt(8) == 0
              && with(loaded, c -> c.map(MAPS.get(random.nextInt(MAPS.size())).name()).close());
      case POLL -> {
        EventReader reader = now.readers.get(slot);
        if (reader == null) {
          yield with(loaded, c -> close(now.readers.getAndSet(slot, c.map("ring").events())));
        }
        reader.poll(Duration.ofNanos(random.nextInt(100_000)), (record, cpu) -> see(record));
        yield true;
      }
      case CLOSE_READER ->
          with(Optional.ofNullable(now.readers.getAndSet(slot, null)), EventReader::close);
      case REPLACE_HOST -> {
        if (random.nextInt(50) != 0 || !world.compareAndSet(now, new World())) {
          yield false;
        }
        now.host.close();
        yield true;
      }
    };
  }

  private void use(Runner runner, SplittableRandom random) {
    runner.context().set(ValueLayout.JAVA_LONG_UNALIGNED, 0, random.nextInt(KEYS));
    see(runner.run());
    if (random.nextInt(20) == 0) {
      runner.close();
    }
  }

  private static void replaceInner(World now, LoadedCollection loaded, SplittableRandom random) {
    try (BpfMap inner = now.host.createMap(INNER)) {
      inner.update(key(random), key(random));
      loaded.map("outer").putMap(key(random), inner);
    }
  }

  private static BpfMap keyedMap(LoadedCollection loaded, SplittableRandom random) {
    return loaded.map(KEYED.get(random.nextInt(KEYED.size())));
  }

  private static byte[] value(BpfMap map, SplittableRandom random) {
    ByteBuffer value = ByteBuffer.allocate(map.valueBytes());
    while (value.hasRemaining()) {
      value.put(key(random));
    }
    return value.array();
  }

  private static byte[] key(SplittableRandom random) {
    return ByteBuffer.allocate(8)
        .order(ByteOrder.nativeOrder())
        .putLong(random.nextInt(KEYS))
        .array();
  }

  private static Event event(SplittableRandom random) {
    return new Event(random.nextInt(KEYS), random.nextInt(KEYS));
  }

  private static byte[] bytes(SplittableRandom random) {
    return ByteBuffer.allocate(16).put(key(random)).put(key(random)).array();
  }

  private void see(long verdict) {
    if (verdict != 0) {
      poison.incrementAndGet();
    }
  }

  private void see(byte[] value) {
    see(MemorySegment.ofArray(value));
  }

  private void see(MemorySegment bytes) {
    for (long at = 0; at < bytes.byteSize(); at += 8) {
      if (bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, at) == POISON) {
        poison.incrementAndGet();
      }
    }
  }

  /// Something done to one of the shared things.
  private interface Use<T> {
    void on(T thing);
  }

  private static <T> boolean with(Optional<T> thing, Use<T> use) {
    thing.ifPresent(use::on);
    return thing.isPresent();
  }

  private static void close(@Nullable AutoCloseable old) {
    if (old == null) {
      return;
    }
    try {
      old.close();
    } catch (RuntimeException thrown) {
      throw thrown;
    } catch (Exception thrown) {
      throw new AssertionError("close throws nothing checked", thrown);
    }
  }
}
