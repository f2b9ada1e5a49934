package org.ebpf4j.runtime.internal.map;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.MapSpec;

/// Whether a map can be as its spec says, with the errno that Linux gives where not.
///
/// Source: the `map_alloc_check` and `map_alloc` functions in Linux 6.18's `kernel/bpf/`:
/// `arraymap.c`, `hashtab.c`, `lpm_trie.c`, `queue_stack_maps.c`, `bloom_filter.c`, `ringbuf.c`,
/// `stackmap.c`, `devmap.c`, `cpumap.c`, and `map_create`, `map_check_btf` in `syscall.c`.
final class AttributeCheck {
  /// The largest single allocation of Linux (`KMALLOC_MAX_SIZE`).
  private static final long ALLOCATION = 4L << 20;

  /// `sizeof(struct htab_elem)`.
  private static final int HASH_ELEMENT = 48;

  /// The largest per-CPU value (`PCPU_MIN_UNIT_SIZE`).
  private static final int PER_CPU_VALUE = 32 << 10;

  /// `BPF_F_…` that a hash takes.
  private static final int HASH_FLAGS =
      MapFlags.NO_PREALLOC
          | MapFlags.NO_COMMON_LRU
          | MapFlags.NUMA_NODE
          | MapFlags.ACCESS
          | MapFlags.ZERO_SEED;

  private static final int ARRAY_FLAGS =
      MapFlags.NUMA_NODE
          | MapFlags.MMAPABLE
          | MapFlags.ACCESS
          | MapFlags.PRESERVE_ELEMS
          | MapFlags.INNER_MAP;

  private static final int LPM_DATA_MAX = 256;

  /// `sizeof(struct lpm_trie_node)`.
  private static final int LPM_NODE = 40;

  /// `kernel.perf_event_max_stack`, as it is unless someone changed it.
  private static final int MAX_STACK = 127;

  /// `sizeof(struct bpf_stack_build_id)`.
  private static final int BUILD_ID = 32;

  /// Most CPUs that a cpumap speaks of (`NR_CPUS` of common kernels).
  private static final int MAX_CPUS = 8192;

  private static final int PAGE = 4096;

  /// `MAX_BPF_STACK`.
  private static final int MOST_SOCKET_KEY = 512;

  /// `BPF_LOCAL_STORAGE_MAX_VALUE_SIZE`: an allocation less what belongs to the storage.
  private static final int MOST_STORAGE = 0xffff - 512 - 40;

  /// `sizeof(struct bpf_cgroup_storage_key)`.
  private static final int CGROUP_STORAGE_KEY = 16;

  /// Types whose values may hold locks.
  private static final Set<MapType> LOCKS =
      EnumSet.of(
          MapType.HASH,
          MapType.ARRAY,
          MapType.CGROUP_STORAGE,
          MapType.SK_STORAGE,
          MapType.INODE_STORAGE,
          MapType.TASK_STORAGE,
          MapType.CGRP_STORAGE);

  /// Types whose values may hold timers, work, lists and trees.
  private static final Set<MapType> TIMERS =
      EnumSet.of(MapType.HASH, MapType.LRU_HASH, MapType.ARRAY);

  /// Types whose values may hold pointers to kernel objects.
  private static final Set<MapType> POINTERS =
      EnumSet.of(
          MapType.HASH,
          MapType.PERCPU_HASH,
          MapType.LRU_HASH,
          MapType.LRU_PERCPU_HASH,
          MapType.ARRAY,
          MapType.PERCPU_ARRAY,
          MapType.SK_STORAGE,
          MapType.INODE_STORAGE,
          MapType.TASK_STORAGE,
          MapType.CGRP_STORAGE);

  /// Types that cannot be inside another map.
  private static final Set<MapType> NEVER_INNER = EnumSet.of(MapType.PROG_ARRAY, MapType.CPUMAP);

  private AttributeCheck() {}

  /// A refusal: Linux's errno and the reason in words.
  record Refusal(Errno errno, String reason) {}

  static Optional<Refusal> check(MapSpec spec, MapType type) {
    if (spec.keyType() != 0 && spec.valueType() == 0) {
      return invalid("a BTF type for keys needs one for values");
    }
    if (spec.extra() != 0 && type != MapType.BLOOM_FILTER && type != MapType.ARENA) {
      return invalid("map_extra is for bloom filters and arenas");
    }
    if (both(spec.flags(), MapFlags.RDONLY, MapFlags.WRONLY)) {
      return invalid("BPF_F_RDONLY and BPF_F_WRONLY exclude each other");
    }
    return switch (type) {
      case ARRAY, PERCPU_ARRAY -> array(spec, type);
      case PROG_ARRAY, PERF_EVENT_ARRAY, CGROUP_ARRAY, ARRAY_OF_MAPS -> slots(spec, type);
      case HASH, PERCPU_HASH, LRU_HASH, LRU_PERCPU_HASH -> hash(spec, type);
      case HASH_OF_MAPS ->
          spec.valueSize() != 4 ? invalid("value size must be 4") : hash(spec, type);
      case LPM_TRIE -> trie(spec);
      case QUEUE, STACK -> queue(spec);
      case BLOOM_FILTER -> bloom(spec);
      case RINGBUF, USER_RINGBUF -> ring(spec);
      case STACK_TRACE -> stackTrace(spec);
      case DEVMAP, DEVMAP_HASH -> devices(spec, type);
      case CPUMAP -> cpus(spec);
      case XSKMAP -> sockets(spec);
      case SOCKMAP, REUSEPORT_SOCKARRAY ->
          targets(spec, MapFlags.NUMA_NODE | MapFlags.RDONLY | MapFlags.WRONLY, 4, 8);
      case SOCKHASH -> socketHash(spec);
      case SK_STORAGE, TASK_STORAGE, INODE_STORAGE, CGRP_STORAGE -> storage(spec);
      case CGROUP_STORAGE, PERCPU_CGROUP_STORAGE -> cgroupStorage(spec, type);
      case STRUCT_OPS ->
          Optional.of(
              new Refusal(
                  Errno.ENOTSUPP, "the JVM host has no kernel whose operations it could replace"));
      case ARENA -> arena(spec);
    };
  }

  /// Whether the values may hold these special fields.
  static Optional<Refusal> fields(MapSpec spec, MapType type, SpecialFields fields) {
    if (fields.isEmpty()) {
      return Optional.empty();
    }
    if (!fields.fit(spec.valueSize())) {
      return invalid(
          "the BTF type of the values has special fields beyond their %d bytes, or in one another"
              .formatted(spec.valueSize()));
    }
    if ((spec.flags() & (MapFlags.RDONLY_PROG | MapFlags.WRONLY_PROG)) != 0) {
      return refuse(Errno.EACCES, "values with special fields must be open to programs");
    }
    for (SpecialFields.Field field : fields.fields()) {
      Set<MapType> allowed =
          switch (field.kind()) {
            case SPIN_LOCK, RES_SPIN_LOCK -> LOCKS;
            case TIMER, WORKQUEUE, TASK_WORK, LIST_HEAD, RB_ROOT -> TIMERS;
            case KPTR, KPTR_UNTRUSTED, KPTR_PERCPU, REFCOUNT, LIST_NODE, RB_NODE -> POINTERS;
            case UPTR -> EnumSet.noneOf(MapType.class);
          };
      if (!allowed.contains(type)) {
        return refuse(
            Errno.EOPNOTSUPP, "values of a map of type " + type + " cannot hold " + field.kind());
      }
    }
    return Optional.empty();
  }

  /// Whether maps like this may be inside another map.
  static Optional<Refusal> inner(MapSpec inner) {
    Optional<MapType> type = inner.type();
    if (type.isEmpty() || isOfMaps(type.get())) {
      return invalid("a map of maps cannot hold maps of maps");
    }
    if (NEVER_INNER.contains(type.get())) {
      return refuse(Errno.ENOTSUPP, "maps of type " + type.get() + " cannot be inside a map");
    }
    return Optional.empty();
  }

  static boolean isOfMaps(MapType type) {
    return type == MapType.ARRAY_OF_MAPS || type == MapType.HASH_OF_MAPS;
  }

  private static Optional<Refusal> array(MapSpec spec, MapType type) {
    boolean perCpu = type == MapType.PERCPU_ARRAY;
    if (spec.maxEntries() == 0) {
      return noEntries();
    }
    if (spec.keySize() != 4) {
      return invalid("key size must be 4, not " + spec.keySize());
    }
    if (spec.valueSize() == 0) {
      return noValue();
    }
    if (badFlags(spec, ARRAY_FLAGS)
        || (type != MapType.ARRAY && (spec.flags() & (MapFlags.MMAPABLE | MapFlags.INNER_MAP)) != 0)
        || (type != MapType.PERF_EVENT_ARRAY && (spec.flags() & MapFlags.PRESERVE_ELEMS) != 0)
        || (perCpu && (spec.flags() & MapFlags.NUMA_NODE) != 0)) {
      return flags(spec);
    }
    if (spec.valueSize() < 0 || (perCpu && rounded(spec.valueSize()) > PER_CPU_VALUE)) {
      return tooBig(spec);
    }
    return Optional.empty();
  }

  private static Optional<Refusal> slots(MapSpec spec, MapType type) {
    if (spec.valueSize() != 4) {
      return invalid("value size must be 4, not " + spec.valueSize());
    }
    if ((spec.flags() & (MapFlags.RDONLY_PROG | MapFlags.WRONLY_PROG)) != 0) {
      return flags(spec);
    }
    return array(spec, type);
  }

  private static Optional<Refusal> hash(MapSpec spec, MapType type) {
    boolean perCpu = type == MapType.PERCPU_HASH || type == MapType.LRU_PERCPU_HASH;
    boolean lru = type == MapType.LRU_HASH || type == MapType.LRU_PERCPU_HASH;
    boolean perCpuLru = (spec.flags() & MapFlags.NO_COMMON_LRU) != 0;
    if (badFlags(spec, HASH_FLAGS) || (!lru && perCpuLru)) {
      return flags(spec);
    }
    if (lru && (spec.flags() & MapFlags.NO_PREALLOC) != 0) {
      return refuse(Errno.ENOTSUPP, "an LRU map cannot have BPF_F_NO_PREALLOC");
    }
    if ((spec.flags() & MapFlags.NUMA_NODE) != 0 && (perCpu || perCpuLru)) {
      return flags(spec);
    }
    if (spec.maxEntries() == 0) {
      return noEntries();
    }
    if (spec.keySize() == 0) {
      return invalid("key size must not be 0");
    }
    if (spec.valueSize() == 0) {
      return noValue();
    }
    long size = Integer.toUnsignedLong(spec.keySize()) + Integer.toUnsignedLong(spec.valueSize());
    if (size >= ALLOCATION - HASH_ELEMENT
        || (perCpu && rounded(spec.valueSize()) > PER_CPU_VALUE)) {
      return tooBig(spec);
    }
    if (Integer.toUnsignedLong(spec.maxEntries()) > 1L << 31) {
      return refuse(Errno.E2BIG, "too many entries");
    }
    return Optional.empty();
  }

  private static Optional<Refusal> trie(MapSpec spec) {
    if (spec.maxEntries() == 0) {
      return noEntries();
    }
    if ((spec.flags() & MapFlags.NO_PREALLOC) == 0) {
      return invalid("an LPM trie needs BPF_F_NO_PREALLOC");
    }
    if (badFlags(spec, MapFlags.NO_PREALLOC | MapFlags.NUMA_NODE | MapFlags.ACCESS)) {
      return flags(spec);
    }
    if (spec.keySize() < 5 || spec.keySize() > 4 + LPM_DATA_MAX) {
      return invalid("key size must be 5 to 260, not " + spec.keySize());
    }
    if (spec.valueSize() < 1 || spec.valueSize() > ALLOCATION - LPM_DATA_MAX - LPM_NODE) {
      return invalid("value size " + spec.valueSize() + " is out of range");
    }
    return Optional.empty();
  }

  private static Optional<Refusal> queue(MapSpec spec) {
    if (spec.maxEntries() == 0) {
      return noEntries();
    }
    if (spec.keySize() != 0) {
      return invalid("key size must be 0, not " + spec.keySize());
    }
    if (spec.valueSize() == 0) {
      return noValue();
    }
    if (badFlags(spec, MapFlags.NUMA_NODE | MapFlags.ACCESS)) {
      return flags(spec);
    }
    long entries = Integer.toUnsignedLong(spec.maxEntries());
    if (Integer.toUnsignedLong(spec.valueSize()) > ALLOCATION
        || entries >= 0xffff_ffffL / Integer.toUnsignedLong(spec.valueSize())) {
      return tooBig(spec);
    }
    return Optional.empty();
  }

  private static Optional<Refusal> bloom(MapSpec spec) {
    if (Integer.toUnsignedLong(spec.valueSize()) > ALLOCATION) {
      return tooBig(spec);
    }
    if (spec.keySize() != 0) {
      return invalid("key size must be 0, not " + spec.keySize());
    }
    if (spec.valueSize() == 0) {
      return noValue();
    }
    if (spec.maxEntries() == 0) {
      return noEntries();
    }
    if (badFlags(spec, MapFlags.NUMA_NODE | MapFlags.ZERO_SEED | MapFlags.ACCESS)) {
      return flags(spec);
    }
    if ((spec.extra() & ~0xfL) != 0) {
      return invalid("map_extra holds the number of hash functions, 0 to 15");
    }
    return Optional.empty();
  }

  private static Optional<Refusal> ring(MapSpec spec) {
    if ((spec.flags() & ~MapFlags.NUMA_NODE) != 0) {
      return flags(spec);
    }
    if (spec.keySize() != 0 || spec.valueSize() != 0) {
      return invalid("key and value size must be 0");
    }
    if (Integer.bitCount(spec.maxEntries()) != 1 || spec.maxEntries() % PAGE != 0) {
      return invalid("size must be a power of two of whole pages of 4096 bytes");
    }
    return Optional.empty();
  }

  private static Optional<Refusal> arena(MapSpec spec) {
    if (spec.keySize() != 0 || spec.valueSize() != 0) {
      return invalid("key and value size must be 0");
    }
    if (spec.maxEntries() == 0) {
      return noEntries();
    }
    int optional = ArenaMap.SEGV_ON_FAULT | ArenaMap.NO_USER_CONV;
    if ((spec.flags() & ~optional) != MapFlags.MMAPABLE) {
      return invalid(
          "an arena needs BPF_F_MMAPABLE, and takes BPF_F_SEGV_ON_FAULT and"
              + " BPF_F_NO_USER_CONV besides");
    }
    if (spec.extra() % PAGE != 0) {
      return invalid("map_extra is an address, and must be a multiple of %d".formatted(PAGE));
    }
    if (Integer.compareUnsigned(spec.maxEntries(), ArenaMap.MOST_PAGES) > 0) {
      return refuse(Errno.E2BIG, "an arena has no more than 4 GiB");
    }
    long last = spec.extra() + (long) spec.maxEntries() * PAGE - 1;
    return spec.extra() >>> Integer.SIZE != last >>> Integer.SIZE
        ? refuse(Errno.ERANGE, "the arena must not cross a multiple of 4 GiB")
        : Optional.empty();
  }

  private static Optional<Refusal> stackTrace(MapSpec spec) {
    int allowed = MapFlags.NUMA_NODE | MapFlags.RDONLY | MapFlags.WRONLY | MapFlags.STACK_BUILD_ID;
    if ((spec.flags() & ~allowed) != 0) {
      return flags(spec);
    }
    if (spec.maxEntries() == 0) {
      return noEntries();
    }
    if (spec.keySize() != 4) {
      return invalid("key size must be 4, not " + spec.keySize());
    }
    int frame = (spec.flags() & MapFlags.STACK_BUILD_ID) != 0 ? BUILD_ID : Long.BYTES;
    if (spec.valueSize() < 8
        || spec.valueSize() % frame != 0
        || spec.valueSize() / frame > MAX_STACK) {
      return invalid("value size must be 1 to 127 frames of " + frame + " bytes");
    }
    return Integer.toUnsignedLong(spec.maxEntries()) > 1L << 31
        ? refuse(Errno.E2BIG, "too many entries")
        : Optional.empty();
  }

  private static Optional<Refusal> devices(MapSpec spec, MapType type) {
    Optional<Refusal> refusal =
        targets(spec, MapFlags.NUMA_NODE | MapFlags.RDONLY | MapFlags.WRONLY, 4, 8);
    if (refusal.isEmpty()
        && type == MapType.DEVMAP_HASH
        && Integer.toUnsignedLong(spec.maxEntries()) > 1L << 31) {
      return invalid("too many entries");
    }
    return refusal;
  }

  private static Optional<Refusal> cpus(MapSpec spec) {
    Optional<Refusal> refusal = targets(spec, MapFlags.NUMA_NODE, 4, 8);
    if (refusal.isEmpty() && Integer.toUnsignedLong(spec.maxEntries()) > MAX_CPUS) {
      return refuse(Errno.E2BIG, "more entries than a machine can have CPUs");
    }
    return refusal;
  }

  private static Optional<Refusal> sockets(MapSpec spec) {
    return targets(spec, MapFlags.NUMA_NODE | MapFlags.RDONLY | MapFlags.WRONLY, 4, 4);
  }

  private static Optional<Refusal> socketHash(MapSpec spec) {
    if (spec.maxEntries() == 0) {
      return noEntries();
    }
    if (spec.keySize() == 0) {
      return invalid("key size must not be 0");
    }
    if (spec.valueSize() != 4 && spec.valueSize() != 8) {
      return invalid("value size must be 4 or 8");
    }
    if ((spec.flags() & ~(MapFlags.NUMA_NODE | MapFlags.RDONLY | MapFlags.WRONLY)) != 0) {
      return flags(spec);
    }
    return Integer.compareUnsigned(spec.keySize(), MOST_SOCKET_KEY) > 0
        ? tooBig(spec)
        : Optional.empty();
  }

  /// `bpf_local_storage_map_alloc_check`; types are asked for where a spec has any.
  private static Optional<Refusal> storage(MapSpec spec) {
    if ((spec.flags() & ~(MapFlags.NO_PREALLOC | MapFlags.CLONE)) != 0
        || (spec.flags() & MapFlags.NO_PREALLOC) == 0) {
      return flags(spec);
    }
    if (spec.maxEntries() != 0) {
      return invalid("max_entries must be 0: there is a value for each owner");
    }
    if (spec.keySize() != 4) {
      return invalid("key size must be 4, not " + spec.keySize());
    }
    if (spec.valueSize() == 0) {
      return noValue();
    }
    return Integer.compareUnsigned(spec.valueSize(), MOST_STORAGE) > 0
        ? tooBig(spec)
        : Optional.empty();
  }

  private static Optional<Refusal> cgroupStorage(MapSpec spec, MapType type) {
    if (spec.keySize() != 8 && spec.keySize() != CGROUP_STORAGE_KEY) {
      return invalid("key size must be 8 or 16, not " + spec.keySize());
    }
    if (spec.valueSize() == 0) {
      return noValue();
    }
    int most = type == MapType.PERCPU_CGROUP_STORAGE ? PER_CPU_VALUE : MOST_STORAGE;
    if (Integer.compareUnsigned(spec.valueSize(), most) > 0) {
      return tooBig(spec);
    }
    if ((spec.flags() & ~(MapFlags.NUMA_NODE | MapFlags.ACCESS)) != 0) {
      return flags(spec);
    }
    return spec.maxEntries() != 0 ? invalid("max_entries must be 0") : Optional.empty();
  }

  private static Optional<Refusal> targets(MapSpec spec, int flags, int small, int large) {
    if (spec.maxEntries() == 0) {
      return noEntries();
    }
    if (spec.keySize() != 4) {
      return invalid("key size must be 4, not " + spec.keySize());
    }
    if (spec.valueSize() != small && spec.valueSize() != large) {
      return invalid("value size must be " + small + " or " + large);
    }
    return (spec.flags() & ~flags) != 0 ? flags(spec) : Optional.empty();
  }

  private static boolean badFlags(MapSpec spec, int allowed) {
    return (spec.flags() & ~allowed) != 0
        || both(spec.flags(), MapFlags.RDONLY_PROG, MapFlags.WRONLY_PROG);
  }

  private static boolean both(int flags, int a, int b) {
    return (flags & (a | b)) == (a | b);
  }

  private static long rounded(int size) {
    return (Integer.toUnsignedLong(size) + 7) & ~7L;
  }

  private static Optional<Refusal> flags(MapSpec spec) {
    return invalid("flags 0x%x do not fit the type".formatted(spec.flags()));
  }

  private static Optional<Refusal> tooBig(MapSpec spec) {
    return refuse(
        Errno.E2BIG,
        "keys of %d and values of %d bytes are too big"
            .formatted(
                Integer.toUnsignedLong(spec.keySize()), Integer.toUnsignedLong(spec.valueSize())));
  }

  private static Optional<Refusal> noEntries() {
    return invalid("max_entries must not be 0");
  }

  private static Optional<Refusal> noValue() {
    return invalid("value size must not be 0");
  }

  private static Optional<Refusal> invalid(String reason) {
    return refuse(Errno.EINVAL, reason);
  }

  private static Optional<Refusal> refuse(Errno errno, String reason) {
    return Optional.of(new Refusal(errno, reason));
  }
}
