package org.ebpf4j.cli.run;

import java.util.Map;
import java.util.TreeMap;

/// Sums over the packets of one run, or over the runs of a program that takes none.
final class RunCounters {
  private boolean overContexts;
  private final Map<String, Long> verdicts = new TreeMap<>();
  private long packets;
  private long bytes;
  private long changedPackets;
  private long changedBytes;
  private long faults;
  private long nanoseconds;
  private long runs;
  private long fastest = Long.MAX_VALUE;

  void packet(String verdict, long length, long changed, long elapsed, int repeat) {
    verdicts.merge(verdict, 1L, Long::sum);
    packets++;
    bytes += length;
    if (changed != 0) {
      changedPackets++;
      changedBytes += changed;
    }
    nanoseconds += elapsed;
    fastest = Math.min(fastest, elapsed / repeat);
    runs += repeat;
  }

  /// A run of a program that takes no packets.
  void context(String verdict, long elapsed, int repeat) {
    overContexts = true;
    packet(verdict, 0, 0, elapsed, repeat);
  }

  /// Whether there were contexts and no packets.
  boolean overContexts() {
    return overContexts;
  }

  /// A fault of a program that takes no packets.
  void contextFault() {
    overContexts = true;
    fault(0);
  }

  void fault(long length) {
    faults++;
    packets++;
    bytes += length;
  }

  /// Packets by verdict, by name.
  Map<String, Long> verdicts() {
    return verdicts;
  }

  long packets() {
    return packets;
  }

  long bytes() {
    return bytes;
  }

  /// Packets whose bytes or length the program changed.
  long changedPackets() {
    return changedPackets;
  }

  /// Bytes that differ, bytes added or removed included.
  long changedBytes() {
    return changedBytes;
  }

  long faults() {
    return faults;
  }

  /// Time of the fastest run, in nanoseconds: what is left when warming up is over.
  long fastestNanoseconds() {
    return runs == 0 ? 0 : fastest;
  }

  /// Mean time of a run, in nanoseconds.
  long nanosecondsPerRun() {
    return runs == 0 ? 0 : nanoseconds / runs;
  }
}
