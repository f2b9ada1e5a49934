package org.ebpf4j.runtime.internal.memory;

/// Numbers that stand for things without memory of their own: maps and functions as programs hold
/// them in registers. They lie where no process has memory, so that an access through one is
/// refused like any other stray one.
public final class Handles {
  private static final long MAPS = 0xffff_8880_0000_0000L;
  private static final long FUNCTIONS = 0xffff_ffff_a000_0000L;
  private static final long LIMIT = 0x1000_0000L;

  private Handles() {}

  /// What a program holds for a map.
  public static long map(int id) {
    return MAPS + (long) id * 8;
  }

  /// The number of the map that this stands for, or -1.
  public static int mapId(long handle) {
    long distance = handle - MAPS;
    return distance >= 0 && distance < LIMIT && (distance & 7) == 0 ? (int) (distance >> 3) : -1;
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
