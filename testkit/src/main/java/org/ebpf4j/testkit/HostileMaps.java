package org.ebpf4j.testkit;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.ebpf4j.BpfMap;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.Reference;

/// Maps of every type that a host without a kernel has, small, so that programs soon fill them and
/// meet their ends; and some whose values hold locks, timers, work, lists, trees and pointers.
final class HostileMaps {
  private static final int NO_PREALLOC = 1;
  private static final int MMAPABLE = 1 << 10;
  private static final int PAGE = 4096;

  /// Elements of the small maps.
  static final int ENTRIES = 4;

  /// An array whose value is one struct with a lock, a list, a tree and pointers.
  static final MapSpec GRAPH =
      typed("graph", MapType.ARRAY, HostileTypes.GRAPH, HostileTypes.GRAPH_BYTES);

  /// An array whose values have a timer and work.
  static final MapSpec TIMERS =
      typed("timers", MapType.ARRAY, HostileTypes.TIMERS, HostileTypes.TIMERS_BYTES);

  /// An array whose values have a lock that finds out about deadlocks.
  static final MapSpec LOCKS =
      typed("locks", MapType.ARRAY, HostileTypes.LOCKS, HostileTypes.LOCKS_BYTES);

  /// Plain memory that programs reach without a lookup.
  static final MapSpec DATA = MapSpec.of("data", MapType.ARRAY, 4, 64, ENTRIES);

  /// A text that cannot be changed.
  static final MapSpec TEXT =
      MapSpec.of("text", MapType.ARRAY, 4, 32, 1)
          .withFlags(1 << 7)
          .withContents(new MapSpec.Contents.Data(text(), true));

  private static final MapSpec INNER = MapSpec.of("inner", MapType.HASH, 4, 16, ENTRIES);
  private static final MapSpec INNER_ARRAY = MapSpec.of("inner_array", MapType.ARRAY, 4, 24, 2);

  static final List<MapSpec> ALL =
      List.of(
          GRAPH,
          TIMERS,
          LOCKS,
          DATA,
          TEXT,
          INNER,
          INNER_ARRAY,
          typed("timers_hash", MapType.HASH, HostileTypes.TIMERS, HostileTypes.TIMERS_BYTES),
          typed("timers_lru", MapType.LRU_HASH, HostileTypes.TIMERS, HostileTypes.TIMERS_BYTES),
          typed("graph_hash", MapType.HASH, HostileTypes.GRAPH, HostileTypes.GRAPH_BYTES),
          typed("pointers", MapType.HASH, HostileTypes.POINTERS, HostileTypes.POINTERS_BYTES),
          typed(
              "pointers_lru", MapType.LRU_HASH, HostileTypes.POINTERS, HostileTypes.POINTERS_BYTES),
          MapSpec.of("hash", MapType.HASH, 8, 24, ENTRIES),
          MapSpec.of("hash_grown", MapType.HASH, 4, 16, ENTRIES).withFlags(NO_PREALLOC),
          MapSpec.of("percpu_array", MapType.PERCPU_ARRAY, 4, 16, 2),
          MapSpec.of("percpu_hash", MapType.PERCPU_HASH, 8, 16, ENTRIES),
          MapSpec.of("lru", MapType.LRU_HASH, 4, 16, ENTRIES),
          MapSpec.of("lru_percpu", MapType.LRU_PERCPU_HASH, 4, 16, ENTRIES),
          MapSpec.of("trie", MapType.LPM_TRIE, 8, 16, ENTRIES).withFlags(NO_PREALLOC),
          MapSpec.of("outer", MapType.ARRAY_OF_MAPS, 4, 4, 2)
              .withInner(INNER)
              .withContents(new MapSpec.Contents.Slots(List.of(new MapSpec.Slot(0, INNER.name())))),
          MapSpec.of("outer_hash", MapType.HASH_OF_MAPS, 4, 4, 2)
              .withInner(INNER_ARRAY)
              .withContents(
                  new MapSpec.Contents.Slots(List.of(new MapSpec.Slot(1, INNER_ARRAY.name())))),
          MapSpec.of("programs", MapType.PROG_ARRAY, 4, 4, 2),
          MapSpec.of("events", MapType.PERF_EVENT_ARRAY, 4, 4, 1),
          MapSpec.of("stacks", MapType.STACK_TRACE, 4, 64, ENTRIES),
          MapSpec.of("cgroups", MapType.CGROUP_ARRAY, 4, 4, 2),
          MapSpec.of("devices", MapType.DEVMAP, 4, 4, 2),
          MapSpec.of("devices_hash", MapType.DEVMAP_HASH, 4, 8, 2),
          MapSpec.of("cpus", MapType.CPUMAP, 4, 4, 2),
          MapSpec.of("xsks", MapType.XSKMAP, 4, 4, 2),
          MapSpec.of("sockets", MapType.SOCKMAP, 4, 8, 2),
          MapSpec.of("sockets_hash", MapType.SOCKHASH, 8, 8, 2),
          MapSpec.of("reuseport", MapType.REUSEPORT_SOCKARRAY, 4, 8, 2),
          MapSpec.of("queue", MapType.QUEUE, 0, 16, ENTRIES),
          MapSpec.of("stack", MapType.STACK, 0, 16, ENTRIES),
          MapSpec.of("bloom", MapType.BLOOM_FILTER, 0, 8, ENTRIES),
          MapSpec.of("ring", MapType.RINGBUF, 0, 0, PAGE),
          MapSpec.of("user_ring", MapType.USER_RINGBUF, 0, 0, PAGE),
          storage("of_sockets", MapType.SK_STORAGE),
          storage("of_tasks", MapType.TASK_STORAGE),
          storage("of_inodes", MapType.INODE_STORAGE),
          storage("of_cgroups", MapType.CGRP_STORAGE),
          MapSpec.of("local", MapType.CGROUP_STORAGE, 16, 16, 0),
          MapSpec.of("local_percpu", MapType.PERCPU_CGROUP_STORAGE, 16, 16, 0),
          MapSpec.of("arena", MapType.ARENA, 0, 0, 8).withFlags(MMAPABLE));

  /// Arrays whose values programs name by address.
  static final List<MapSpec> ADDRESSED = List.of(GRAPH, TIMERS, LOCKS, DATA, TEXT);

  private HostileMaps() {}

  private static byte[] text() {
    byte[] text = new byte[32];
    byte[] words = "%d of %s, 0x%llx: -17".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    System.arraycopy(words, 0, text, 0, words.length);
    return text;
  }

  private static MapSpec storage(String name, MapType type) {
    return new MapSpec(
        name,
        type.number(),
        4,
        HostileTypes.PLAIN_BYTES,
        0,
        NO_PREALLOC,
        0,
        0,
        HostileTypes.WORD,
        HostileTypes.PLAIN,
        false,
        Optional.empty(),
        new MapSpec.Contents.None());
  }

  private static MapSpec typed(String name, MapType type, int value, int bytes) {
    return new MapSpec(
        name,
        type.number(),
        4,
        bytes,
        ENTRIES,
        0,
        0,
        0,
        HostileTypes.WORD,
        value,
        false,
        Optional.empty(),
        new MapSpec.Contents.None());
  }

  /// The maps that programs use, by name, and what these hold.
  static Map<String, MapSpec> usedBy(ProgramSpec program) {
    Map<String, MapSpec> used = new LinkedHashMap<>();
    for (MapSpec map : ALL) {
      if (uses(program, map.name())
          || (map == INNER && uses(program, "outer"))
          || (map == INNER_ARRAY && uses(program, "outer_hash"))) {
        used.put(map.name(), map);
      }
    }
    return used;
  }

  private static boolean uses(ProgramSpec program, String map) {
    for (Reference reference : program.references()) {
      boolean named =
          switch (reference) {
            case Reference.MapHandle handle -> handle.map().equals(map);
            case Reference.MapData data -> data.map().equals(map);
            default -> false;
          };
      if (named) {
        return true;
      }
    }
    return false;
  }

  /// Elements that hash maps begin with, under the keys that programs use.
  static List<BpfMap.Entry> contents(MapSpec map, Chance chance) {
    List<BpfMap.Entry> entries = new ArrayList<>();
    switch (map.type().orElseThrow()) {
      case HASH, LRU_HASH -> {
        for (int i = 0; i < ENTRIES; i++) {
          if (chance.percent(60)) {
            byte[] key =
                ByteBuffer.allocate(map.keySize())
                    .order(ByteOrder.nativeOrder())
                    .putInt(0, i)
                    .array();
            byte[] value =
                map.valueType() == 0 ? chance.bytes(map.valueSize()) : new byte[map.valueSize()];
            entries.add(new BpfMap.Entry(key, value));
          }
        }
      }
      default -> {
        // Empty, or zeros.
      }
    }
    return entries;
  }
}
