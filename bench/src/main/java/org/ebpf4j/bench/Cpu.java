package org.ebpf4j.bench;

import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.ThreadParams;

/// What a thread of a map benchmark is: a CPU, and where it stands in the keys. Threads begin far
/// apart.
@State(Scope.Thread)
public class Cpu {
  private int number;
  private int place;

  /// Takes the thread's number.
  @Setup
  public void set(ThreadParams threads) {
    number = threads.getThreadIndex();
    place = number * (Keys.COUNT / 2);
  }

  int number() {
    return number;
  }

  /// Moves on by one run's keys and gives where they begin.
  int advance() {
    place += MeasuredMap.OPERATIONS;
    return place;
  }
}
