package org.ebpf4j.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// The world as this JVM sees it: its clocks, process and user; no network, and `bpf_printk` output
/// goes nowhere.
public final class LiveEnvironment implements Environment {
  /// TAI is this far ahead of UTC since 2017.
  private static final long TAI_OFFSET_SECONDS = 37;

  /// Room for threads that begin while they are counted.
  private static final int MORE_THREADS = 16;

  private final long process = ProcessHandle.current().pid();
  private final long groupAndUser = owner("unix:gid") << 32 | owner("unix:uid");

  private final Optional<PidNamespace> pidNamespace = ownNamespace();

  /// An environment of this process.
  public LiveEnvironment() {}

  @Override
  public boolean timePasses() {
    return true;
  }

  @Override
  public long monotonicNanos() {
    return System.nanoTime();
  }

  @Override
  public long taiNanos() {
    Instant now = Instant.now();
    return (now.getEpochSecond() + TAI_OFFSET_SECONDS) * 1_000_000_000L + now.getNano();
  }

  @Override
  public int random() {
    return ThreadLocalRandom.current().nextInt();
  }

  @Override
  public long processAndThread() {
    return process << 32 | (Thread.currentThread().threadId() & 0xffff_ffffL);
  }

  @Override
  public long groupAndUser() {
    return groupAndUser;
  }

  @Override
  public String threadName() {
    return Thread.currentThread().getName();
  }

  /// The platform threads of this JVM.
  @Override
  public List<Task> tasks() {
    ThreadGroup all = Thread.currentThread().getThreadGroup();
    while (all.getParent() != null) {
      all = all.getParent();
    }
    Thread[] threads = new Thread[2 * all.activeCount() + MORE_THREADS];
    int count = all.enumerate(threads);
    List<Task> tasks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      tasks.add(task(threads[i]));
    }
    tasks.sort(Comparator.comparingLong(task -> Integer.toUnsignedLong(task.thread())));
    return tasks;
  }

  /// One of these threads, or the process: programs find it as the leader of each thread's group.
  @Override
  public Optional<Task> task(int thread) {
    Thread current = Thread.currentThread();
    if (thread == (int) current.threadId()) {
      return Optional.of(task(current));
    }
    return thread == (int) process
        ? Optional.of(new Task(thread, thread, "java"))
        : Environment.super.task(thread);
  }

  private Task task(Thread thread) {
    return new Task((int) process, (int) thread.threadId(), thread.getName());
  }

  @Override
  public Optional<PidNamespace> pidNamespace() {
    return pidNamespace;
  }

  private static Optional<PidNamespace> ownNamespace() {
    Path namespace = Path.of("/proc/self/ns/pid");
    try {
      return Optional.of(
          new PidNamespace(
              ((Number) Files.getAttribute(namespace, "unix:dev")).longValue(),
              ((Number) Files.getAttribute(namespace, "unix:ino")).longValue()));
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  /// The owner of this process where the system has such a thing, else 0.
  private static long owner(String attribute) {
    try {
      return Files.getAttribute(Path.of("/proc/self"), attribute) instanceof Integer id
          ? Integer.toUnsignedLong(id)
          : 0;
    } catch (IOException | UnsupportedOperationException e) {
      return 0;
    }
  }
}
