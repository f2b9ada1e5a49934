package org.ebpf4j.runtime.internal.memory;

/// Numbers that stand for things without memory of their own: maps and functions as programs hold
/// them in registers, threads and control groups. They lie where no process has memory, so that an
/// access through one is refused like any other stray one.
public final class Handles {
  private static final long MAPS = 0xffff_8880_0000_0000L;
  private static final long FUNCTIONS = 0xffff_ffff_a000_0000L;
  private static final long LIMIT = 0x1000_0000L;

  /// Bytes between the handles of maps, as a `struct bpf_map` takes them.
  private static final int MAP_SHIFT = 12;

  private static final long MAP_BYTES = 1L << MAP_SHIFT;
  private static final long MAPS_END = MAPS + (1L << 40);

  private static final long TASKS = 0xffff_a000_0000_0000L;

  /// Bytes between the handles of threads, more than a `struct task_struct` takes.
  private static final int TASK_SHIFT = 14;

  private static final long CONTROL_GROUPS = 0xffff_9100_0000_0000L;
  private static final long NUMBERS = 0xffff_ffffL;

  /// What a program holds for the packet of the run where its context is not the packet itself: a
  /// `struct sk_buff` that it cannot look into.
  public static final long PACKET = 0xffff_9200_0000_0000L;

  /// What an iterator's program holds for the text that it writes: a `struct seq_file` that it
  /// cannot look into.
  public static final long SEQUENCE = 0xffff_9300_0000_0000L;

  /// Larger than the structs that programs cannot look into.
  private static final long STRUCT = 1 << 14;

  private Handles() {}

  /// What a program that looks into a handle has met; "" if the address is near none.
  public static String describe(long address) {
    if (mapAround(address) >= 0) {
      return "a map itself, not a value in it";
    }
    if (functionSlot(address & ~7L) >= 0) {
      return "a function";
    }
    if (address - PACKET >= 0 && address - PACKET < STRUCT) {
      return "in a struct sk_buff, whose fields this host does not have";
    }
    if (taskAround(address) >= 0) {
      return "in a struct task_struct, of which this host has pid, tgid, comm and group_leader"
          + " where the kernel's types are known";
    }
    return address - CONTROL_GROUPS >= 0 && address - CONTROL_GROUPS < (NUMBERS << 4) + STRUCT
        ? "in a struct cgroup, whose fields this host does not have"
        : "";
  }

  /// What a program holds for a map.
  public static long map(int id) {
    return MAPS + ((long) id << MAP_SHIFT);
  }

  /// The number of the map that this stands for, or -1.
  public static int mapId(long handle) {
    return (handle & (MAP_BYTES - 1)) == 0 ? mapAround(handle) : -1;
  }

  /// What a program holds for a thread, by its number: a `struct task_struct`.
  public static long task(int thread) {
    return TASKS + (Integer.toUnsignedLong(thread) << TASK_SHIFT);
  }

  /// The number of the thread that this stands for, or -1.
  public static long taskNumber(long handle) {
    return taskOffset(handle) == 0 ? taskAround(handle) : -1;
  }

  /// The number of the thread whose struct holds this address, or -1.
  public static long taskAround(long address) {
    long number = (address - TASKS) >> TASK_SHIFT;
    return number >= 0 && number <= NUMBERS ? number : -1;
  }

  /// How far into its thread's struct such an address lies.
  public static long taskOffset(long address) {
    return (address - TASKS) & ((1L << TASK_SHIFT) - 1);
  }

  /// What a program holds for a control group, by its id: a `struct cgroup` that it cannot look
  /// into.
  public static long controlGroup(long id) {
    return CONTROL_GROUPS + ((id & NUMBERS) << 4);
  }

  /// The id of the control group that this stands for, or -1.
  public static long controlGroupId(long handle) {
    return number(handle - CONTROL_GROUPS);
  }

  private static long number(long distance) {
    return distance >= 0 && (distance & 15) == 0 && distance >>> 4 <= NUMBERS ? distance >>> 4 : -1;
  }

  /// The number of the map whose struct holds this address, or -1.
  public static int mapAround(long address) {
    return address >= MAPS && address < MAPS_END ? (int) ((address - MAPS) >>> MAP_SHIFT) : -1;
  }

  /// How far into its map's struct such an address lies.
  public static long mapOffset(long address) {
    return address & (MAP_BYTES - 1);
  }

  /// What a program holds for a function of its own, by the function's first slot.
  public static long function(int slot) {
    return FUNCTIONS + (long) slot * 8;
  }

  /// The first slot of the function that this stands for, or -1.
  public static int functionSlot(long handle) {
    long distance = handle - FUNCTIONS;
    return distance >= 0 && distance < LIMIT && (distance & 7) == 0 ? (int) (distance >> 3) : -1;
  }
}
