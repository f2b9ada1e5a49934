package org.ebpf4j.abi;

import java.util.Optional;

/// What kind of map it is: which keys it takes, how it stores and what it forgets.
///
/// Source: `enum bpf_map_type` in Linux 6.18's `include/uapi/linux/bpf.h`.
public enum MapType {
  HASH(1),
  ARRAY(2),
  PROG_ARRAY(3),
  PERF_EVENT_ARRAY(4),
  PERCPU_HASH(5),
  PERCPU_ARRAY(6),
  STACK_TRACE(7),
  CGROUP_ARRAY(8),
  LRU_HASH(9),
  LRU_PERCPU_HASH(10),
  LPM_TRIE(11),
  ARRAY_OF_MAPS(12),
  HASH_OF_MAPS(13),
  DEVMAP(14),
  SOCKMAP(15),
  CPUMAP(16),
  XSKMAP(17),
  SOCKHASH(18),
  CGROUP_STORAGE(19),
  REUSEPORT_SOCKARRAY(20),
  PERCPU_CGROUP_STORAGE(21),
  QUEUE(22),
  STACK(23),
  SK_STORAGE(24),
  DEVMAP_HASH(25),
  STRUCT_OPS(26),
  RINGBUF(27),
  INODE_STORAGE(28),
  TASK_STORAGE(29),
  BLOOM_FILTER(30),
  USER_RINGBUF(31),
  CGRP_STORAGE(32),
  ARENA(33);

  private static final MapType[] BY_NUMBER = byNumber();

  private final int number;

  MapType(int number) {
    this.number = number;
  }

  /// The number Linux knows it by.
  public int number() {
    return number;
  }

  /// Whether an element holds a value for each CPU.
  public boolean isPerCpu() {
    return switch (this) {
      case PERCPU_HASH, PERCPU_ARRAY, LRU_PERCPU_HASH, PERCPU_CGROUP_STORAGE -> true;
      default -> false;
    };
  }

  /// The constant with this number, or empty where Linux 6.18 knows none.
  public static Optional<MapType> of(int number) {
    return number >= 0 && number < BY_NUMBER.length
        ? Optional.ofNullable(BY_NUMBER[number])
        : Optional.empty();
  }

  private static MapType[] byNumber() {
    MapType[] constants = new MapType[34];
    for (MapType constant : values()) {
      constants[constant.number] = constant;
    }
    return constants;
  }
}
