package org.ebpf4j.runtime.internal.map;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.ebpf4j.MapException;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.Network;
import org.ebpf4j.runtime.internal.map.AttributeCheck.Refusal;
import org.ebpf4j.runtime.internal.map.SpecialFields.Releaser;
import org.ebpf4j.runtime.internal.memory.Budget;
import org.ebpf4j.runtime.internal.memory.Epochs;
import org.ebpf4j.spec.MapSpec;

/// The maps of one host: makes them, numbers them, counts them and lets them go.
public final class MapRegistry {
  private final Epochs epochs;
  private final Budget budget;
  private final int limit;
  private final Releaser releaser;
  private final LongSupplier seeds;
  private final LongFunction<Optional<Network.Socket>> sockets;
  private final AtomicInteger nextId = new AtomicInteger(1);
  private final AtomicInteger count = new AtomicInteger();
  private final ConcurrentHashMap<Integer, RuntimeMap> maps = new ConcurrentHashMap<>();

  /// A registry whose maps hash with seeds that nobody can foresee.
  ///
  /// @param limit how many maps there may be (`EMFILE`)
  /// @param releaser what lets go of timers and kernel objects in deleted elements
  public MapRegistry(Epochs epochs, Budget budget, int limit, Releaser releaser) {
    this(
        epochs,
        budget,
        limit,
        releaser,
        () -> ThreadLocalRandom.current().nextLong(),
        cookie -> Optional.empty());
  }

  /// @param seeds gives each map that hashes its seed; the order of elements follows from it
  /// @param sockets finds the sockets of the environment by cookie
  public MapRegistry(
      Epochs epochs,
      Budget budget,
      int limit,
      Releaser releaser,
      LongSupplier seeds,
      LongFunction<Optional<Network.Socket>> sockets) {
    this.seeds = seeds;
    this.sockets = sockets;
    this.epochs = epochs;
    this.budget = budget;
    this.limit = limit;
    this.releaser = releaser;
  }

  public Epochs epochs() {
    return epochs;
  }

  /// The seed that a new map hashes with: 0 if its flags say so.
  long seed(MapSpec spec) {
    return (spec.flags() & MapFlags.ZERO_SEED) != 0 ? 0 : seeds.getAsLong();
  }

  /// Writes what is known of a socket: a [SocketStruct].
  void describeSocket(long cookie, long to) {
    Optional<Network.Socket> socket = sockets.apply(cookie);
    if (socket.isPresent()) {
      SocketStruct.write(to, socket.get());
    } else {
      SocketStruct.write(to, cookie);
    }
  }

  public Budget budget() {
    return budget;
  }

  Releaser releaser() {
    return releaser;
  }

  /// Makes a map, held once by a user, whose hold a [MapHandle] gives back.
  ///
  /// @param btf what the spec's type ids refer to
  /// @throws MapException with Linux's errno for attributes that do not fit, `ENOMEM` and `EMFILE`
  ///   for the host's limits, `ENOTSUPP` for types that this host does not have
  public RuntimeMap create(MapSpec spec, Btf btf) {
    MapType type =
        spec.type()
            .orElseThrow(
                () -> failed(spec, Errno.EINVAL, "no map type has number " + spec.typeNumber()));
    AttributeCheck.check(spec, type).ifPresent(refusal -> refuse(spec, refusal));
    SpecialFields fields = SpecialFields.ofValue(btf, spec.valueType());
    AttributeCheck.fields(spec, type, fields).ifPresent(refusal -> refuse(spec, refusal));
    Optional<InnerShape> inner =
        AttributeCheck.isOfMaps(type) ? Optional.of(inner(spec, btf)) : Optional.empty();
    if (count.incrementAndGet() > limit) {
      count.decrementAndGet();
      throw failed(spec, Errno.EMFILE, "the host's limit of " + limit + " maps is reached");
    }
    try {
      MapSite site = new MapSite(this, nextId.getAndIncrement(), fields, inner, btf);
      RuntimeMap map = makeOrReclaim(spec, type, site);
      maps.put(map.id(), map);
      return map;
    } catch (MapMemoryException memory) {
      count.decrementAndGet();
      throw failed(
          spec,
          Errno.ENOMEM,
          "it takes %d bytes more, and %d are in use".formatted(memory.size(), budget.used()));
    }
  }

  /// The map with this number, as long as a run that began in its lifetime can hold it.
  public Optional<RuntimeMap> find(int id) {
    return Optional.ofNullable(maps.get(id));
  }

  /// The maps there are.
  public List<RuntimeMap> all() {
    return List.copyOf(maps.values());
  }

  void retire(RuntimeMap map) {
    count.decrementAndGet();
    epochs.retire(
        () -> {
          maps.remove(map.id());
          map.free();
        },
        1 << 16);
  }

  private static InnerShape inner(MapSpec spec, Btf btf) {
    MapSpec inner =
        spec.inner()
            .orElseThrow(
                () -> failed(spec, Errno.EBADF, "a map of maps needs to know its inner maps"));
    AttributeCheck.inner(inner).ifPresent(refusal -> refuse(spec, refusal));
    return new InnerShape(inner, SpecialFields.ofValue(btf, inner.valueType()), btf);
  }

  /// Memory of maps that are closed may rest because of readers: that is waited for first.
  private RuntimeMap makeOrReclaim(MapSpec spec, MapType type, MapSite site) {
    try {
      return make(spec, type, site);
    } catch (MapMemoryException used) {
      epochs.synchronize(MapHandle.RECLAIM);
      return make(spec, type, site);
    }
  }

  private static RuntimeMap make(MapSpec spec, MapType type, MapSite site) {
    return switch (type) {
      case ARRAY -> new ArrayMap(spec, site);
      case PERCPU_ARRAY -> new PerCpuArrayMap(spec, site);
      case HASH -> new HashTableMap(spec, site);
      case LRU_HASH -> new HashTableMap(lruSized(spec, site), site);
      case PERCPU_HASH -> new PerCpuHashMap(spec, site);
      case LRU_PERCPU_HASH -> new PerCpuHashMap(lruSized(spec, site), site);
      case PROG_ARRAY -> new ProgramArray(spec, site);
      case PERF_EVENT_ARRAY -> new PerfEventArray(spec, site);
      case RINGBUF -> new RingBuffer(spec, site);
      case USER_RINGBUF -> new UserRingBuffer(spec, site);
      case LPM_TRIE -> new LpmTrie(spec, site);
      case QUEUE, STACK -> new QueueMap(spec, site);
      case BLOOM_FILTER -> new BloomFilter(spec, site);
      case STACK_TRACE -> new StackTraceMap(spec, site);
      case ARRAY_OF_MAPS -> new ArrayOfMaps(spec, site);
      case HASH_OF_MAPS -> new HashOfMaps(spec, site);
      case DEVMAP -> new DeviceMap(spec, site);
      case DEVMAP_HASH -> new DeviceHashMap(spec, site);
      case CPUMAP -> new CpuMap(spec, site);
      case XSKMAP -> new SocketMap(spec, site);
      case CGROUP_ARRAY -> new CgroupArray(spec, site);
      case SOCKMAP, REUSEPORT_SOCKARRAY -> new SocketArray(spec, site);
      case SOCKHASH -> new SocketHash(spec, site);
      case SK_STORAGE,
          TASK_STORAGE,
          INODE_STORAGE,
          CGRP_STORAGE,
          CGROUP_STORAGE,
          PERCPU_CGROUP_STORAGE ->
          new StorageMap(spec, site);
      case ARENA -> new ArenaMap(spec, site);
      case STRUCT_OPS ->
          throw failed(spec, Errno.ENOTSUPP, "the JVM host has no maps of type " + type);
    };
  }

  /// With a list for each CPU, every CPU gets as many elements (`htab_map_alloc`).
  private static MapSpec lruSized(MapSpec spec, MapSite site) {
    if ((spec.flags() & MapFlags.NO_COMMON_LRU) == 0) {
      return spec;
    }
    int cpus = site.cpus();
    int rest = Integer.remainderUnsigned(spec.maxEntries(), cpus);
    return rest == 0 ? spec : spec.withMaxEntries(spec.maxEntries() + cpus - rest);
  }

  private static void refuse(MapSpec spec, Refusal refusal) {
    throw failed(spec, refusal.errno(), refusal.reason());
  }

  private static MapException failed(MapSpec spec, Errno errno, String reason) {
    return new MapException(spec.name(), "create", errno, reason);
  }
}
