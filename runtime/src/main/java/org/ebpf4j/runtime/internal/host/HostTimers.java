package org.ebpf4j.runtime.internal.host;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.Environment;
import org.ebpf4j.runtime.internal.engine.CheckedRun;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.map.SpecialFields;
import org.ebpf4j.runtime.internal.memory.Backoff;
import org.ebpf4j.runtime.internal.run.Run;
import org.ebpf4j.runtime.internal.run.Timers;
import org.jspecify.annotations.Nullable;

/// The timers of one host. Where time passes by itself a thread fires them; where the application
/// moves the clock they fire as runs end, or when it asks, in the order they are due.
///
/// The field in the map value stays zeros: its address is the timer's name, which holds as long as
/// the element, for whoever deletes the element calls [#forget].
final class HostTimers implements Timers {
  private static final int CLOCK_REALTIME = 0;
  private static final int CLOCK_MONOTONIC = 1;
  private static final int CLOCK_BOOTTIME = 7;

  private static final long ABSOLUTE = 1;
  private static final long PINNED = 2;

  /// How far TAI is ahead of `CLOCK_REALTIME`.
  private static final long TAI_AHEAD = 37_000_000_000L;

  /// What a timer takes of Java's memory beside its field: itself, and its places by address and by
  /// time.
  static final int HEAP_BYTES = 208;

  private final Environment environment;
  private final CallbackRunner callbacks;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Under `lock`.
  private final Map<Long, HostTimer> timers = new HashMap<>();
  private final TreeSet<HostTimer> queue = new TreeSet<>();
  private long created;
  private @Nullable Thread thread;
  private boolean closed;

  /// Threads inside a callback.
  private final Set<Thread> servants = ConcurrentHashMap.newKeySet();

  /// Whether the queue has something, to be asked at the end of each run.
  private volatile boolean pending;

  HostTimers(Environment environment, CallbackRunner callbacks) {
    this.environment = environment;
    this.callbacks = callbacks;
  }

  /// Runs a timer's callback.
  interface CallbackRunner {
    /// @param function the handle of the callback in the program
    void run(HostTimer timer, LinkedProgram program, long function);

    /// Begins no further callback.
    void stop();
  }

  @Override
  public long init(RuntimeMap map, long address, SpecialFields.Kind kind, long clock) {
    if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC && clock != CLOCK_BOOTTIME) {
      return Errno.EINVAL.negated();
    }
    if (!map.hasAt(address, kind)) {
      return Errno.EINVAL.negated();
    }
    lock.lock();
    try {
      if (timers.containsKey(address)) {
        return Errno.EBUSY.negated();
      }
      // Asked under the lock: the last user goes before it takes the lock to forget timers.
      if (closed || !map.hasUsers()) {
        return Errno.EPERM.negated();
      }
      if (!map.budget().charge(HEAP_BYTES)) {
        return Errno.ENOMEM.negated();
      }
      timers.put(
          address, new HostTimer(map, address - map.offsetOf(address), (int) clock, created++));
      return 0;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long setCallback(Run run, long address, long function) {
    LinkedProgram program = ((CheckedRun) run).program();
    LinkedProgram before;
    lock.lock();
    try {
      HostTimer timer = timers.get(address);
      if (timer == null) {
        return Errno.EINVAL.negated();
      }
      if (!timer.map.hasUsers()) {
        return Errno.EPERM.negated();
      }
      if (!program.retainMaps()) {
        return Errno.ENOENT.negated();
      }
      before = timer.program;
      timer.program = program;
      timer.function = function;
    } finally {
      lock.unlock();
    }
    releaseMaps(before);
    return 0;
  }

  @Override
  public long start(Run run, long address, long nanos, long flags) {
    if ((flags & ~(ABSOLUTE | PINNED)) != 0) {
      return Errno.EINVAL.negated();
    }
    lock.lock();
    try {
      HostTimer timer = timers.get(address);
      if (timer == null || timer.program == null) {
        return Errno.EINVAL.negated();
      }
      disarm(timer);
      timer.deadline = deadline(timer.clock, nanos, (flags & ABSOLUTE) != 0);
      timer.cpu = run.cpu();
      timer.pinned = (flags & PINNED) != 0;
      timer.armed = true;
      queue.add(timer);
      pending = true;
      if (environment.timePasses()) {
        wake();
      }
      return 0;
    } finally {
      lock.unlock();
    }
  }

  /// When to fire, by the monotonic clock. Linux too takes times beyond the end of the clock for
  /// its end (`ktime_add_safe`), half of it here so that deadlines compare.
  private long deadline(int clock, long nanos, boolean absolute) {
    long delay = nanos;
    if (absolute) {
      delay =
          nanos
              - switch (clock) {
                case CLOCK_REALTIME -> environment.taiNanos() - TAI_AHEAD;
                case CLOCK_BOOTTIME -> environment.bootNanos();
                default -> environment.monotonicNanos();
              };
      delay = Math.max(delay, 0);
    }
    long longest = Long.MAX_VALUE / 2;
    return environment.monotonicNanos() + (delay < 0 ? longest : Math.min(delay, longest));
  }

  @Override
  public long cancel(long address) {
    LinkedProgram program;
    HostTimer timer;
    boolean armed;
    lock.lock();
    try {
      timer = timers.get(address);
      if (timer == null) {
        return Errno.EINVAL.negated();
      }
      Thread servant = timer.servant;
      // Linux waits for another timer's callback from within a callback if nobody waits for that
      // one; waiting for none cannot lock up.
      if (servant != null && servants.contains(Thread.currentThread())) {
        return Errno.EDEADLK.negated();
      }
      armed = disarm(timer);
      program = timer.program;
      timer.program = null;
    } finally {
      lock.unlock();
    }
    releaseMaps(program);
    for (int tries = 0; timer.servant != null; ) {
      tries = Backoff.pause(tries);
    }
    return armed ? 1 : 0;
  }

  /// Ends a timer whose element is deleted or whose map has lost its last user. A callback under
  /// way goes on.
  void forget(long address) {
    LinkedProgram program = null;
    lock.lock();
    try {
      HostTimer timer = timers.remove(address);
      if (timer != null) {
        timer.map.budget().discharge(HEAP_BYTES);
        disarm(timer);
        program = timer.program;
        timer.program = null;
      }
    } finally {
      lock.unlock();
    }
    releaseMaps(program);
  }

  /// As [#forget(long)], for all timers of a map: those of deleted elements too, which a run may
  /// have made while it held the address of one.
  void forget(RuntimeMap map) {
    List<Long> addresses = new ArrayList<>();
    lock.lock();
    try {
      for (Map.Entry<Long, HostTimer> entry : timers.entrySet()) {
        if (entry.getValue().map == map) {
          addresses.add(entry.getKey());
        }
      }
    } finally {
      lock.unlock();
    }
    addresses.forEach(this::forget);
  }

  private boolean disarm(HostTimer timer) {
    boolean armed = timer.armed;
    if (armed) {
      queue.remove(timer);
      timer.armed = false;
      pending = !queue.isEmpty();
    }
    return armed;
  }

  private static void releaseMaps(@Nullable LinkedProgram program) {
    if (program != null) {
      program.releaseMaps();
    }
  }

  /// Fires what is due by a clock that the application moves. Timers that callbacks start wait for
  /// the next time, so that this ends.
  void fireDue() {
    if (!pending || environment.timePasses() || servants.contains(Thread.currentThread())) {
      return;
    }
    long now = environment.monotonicNanos();
    List<HostTimer> due = new ArrayList<>();
    lock.lock();
    try {
      for (HostTimer timer : queue) {
        if (timer.deadline - now > 0) {
          break;
        }
        due.add(timer);
      }
    } finally {
      lock.unlock();
    }
    for (HostTimer timer : due) {
      fire(timer, now);
    }
  }

  /// Calls back, if the timer is still armed and due.
  private void fire(HostTimer timer, long now) {
    LinkedProgram program;
    long function;
    Thread self = Thread.currentThread();
    lock.lock();
    try {
      if (!timer.armed || timer.deadline - now > 0 || timer.servant != null) {
        return;
      }
      disarm(timer);
      program = timer.program;
      function = timer.function;
      if (program == null || !program.retainMaps()) {
        return;
      }
      timer.servant = self;
    } finally {
      lock.unlock();
    }
    servants.add(self);
    try {
      callbacks.run(timer, program, function);
    } finally {
      servants.remove(self);
      timer.servant = null;
      program.releaseMaps();
    }
  }

  private void wake() {
    if (thread == null && !closed) {
      thread = Thread.ofPlatform().daemon().name("ebpf4j-timers").unstarted(new Clockwork());
      thread.start();
    }
    changed.signal();
  }

  /// Ends the thread; nothing fires any more.
  void close() {
    lock.lock();
    try {
      closed = true;
      callbacks.stop();
      for (HostTimer timer : queue) {
        timer.armed = false;
      }
      queue.clear();
      pending = false;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /// Waits for the next timer that is due, and fires it.
  private final class Clockwork implements Runnable {
    @Override
    public void run() {
      boolean failed = true;
      try {
        for (HostTimer timer = next(); timer != null; timer = next()) {
          fire(timer, environment.monotonicNanos());
        }
        failed = false;
      } catch (InterruptedException asked) {
        // Nobody in this host interrupts it: an application that does wants the thread to end.
        Thread.currentThread().interrupt();
        failed = false;
      } finally {
        ended(failed);
      }
    }

    /// Whatever ended this thread, the next timer that is started gets another.
    ///
    /// @param failed whether what one timer called threw: the others go on
    private void ended(boolean failed) {
      lock.lock();
      try {
        thread = null;
        if (failed && !queue.isEmpty()) {
          wake();
        }
      } finally {
        lock.unlock();
      }
    }

    private @Nullable HostTimer next() throws InterruptedException {
      lock.lock();
      try {
        HostTimer due = null;
        while (!closed && due == null) {
          long delay =
              queue.isEmpty()
                  ? Long.MAX_VALUE
                  : queue.first().deadline - environment.monotonicNanos();
          if (delay <= 0) {
            due = queue.first();
          } else {
            delay = changed.awaitNanos(delay);
          }
        }
        return due;
      } finally {
        lock.unlock();
      }
    }
  }
}
