package org.ebpf4j.runtime.internal.memory;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/// The off-heap memory that a host may take, and what it has taken.
public final class Budget {
  /// How much freed memory is kept poisoned before it is really freed.
  private static final long QUARANTINE = 64L << 20;

  private final long limit;
  private final boolean poison;
  private final AtomicLong used = new AtomicLong();
  private final Deque<Block> quarantine = new ArrayDeque<>();
  private final Queue<Epochs.Retired> late = new ConcurrentLinkedQueue<>();
  private long quarantined;
  private boolean over;

  /// @param limit bytes in all
  /// @param poison whether freed memory is filled with [Block#POISON] and kept for a while, so that
  ///   a use after free shows as such instead of crashing; for tests
  public Budget(long limit, boolean poison) {
    this.limit = limit;
    this.poison = poison;
  }

  /// Bytes in use.
  public long used() {
    return used.get();
  }

  /// Whether freed memory is poisoned.
  public boolean poisons() {
    return poison;
  }

  /// Zeroed memory, or empty (`ENOMEM`) when the limit or the machine's memory is reached.
  public Optional<Block> allocate(long size, long alignment) {
    long rounded = Math.max(size, Long.BYTES);
    if (size < 0 || !charge(rounded)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Block(this, rounded, alignment));
    } catch (OutOfMemoryError exhausted) {
      used.addAndGet(-rounded);
      return Optional.empty();
    }
  }

  /// Ends what [#charge] began.
  public void discharge(long size) {
    used.addAndGet(-size);
  }

  /// Closes memory of which the application may hold segments. While a channel of its own reads or
  /// writes one, the JDK keeps that from being closed: it is tried again whenever something else
  /// is.
  ///
  /// @param memory closes it, once
  public void close(Epochs.Retired memory) {
    for (int tries = late.size(); tries > 0; tries--) {
      Epochs.Retired earlier = late.poll();
      if (earlier != null) {
        closeOrKeep(earlier);
      }
    }
    closeOrKeep(memory);
  }

  private void closeOrKeep(Epochs.Retired memory) {
    try {
      memory.reclaim();
    } catch (IllegalStateException inUse) {
      late.add(memory);
    }
  }

  void free(Block block) {
    used.addAndGet(-block.size());
    if (!poison) {
      block.close();
      return;
    }
    Memory.fill(block.address(), block.size(), Block.POISON);
    synchronized (quarantine) {
      quarantine.add(block);
      quarantined += block.size();
      release(over ? 0 : QUARANTINE);
    }
  }

  /// Frees what is kept poisoned, and keeps nothing from now on: the host is closed and all its
  /// runs are over.
  public void endQuarantine() {
    synchronized (quarantine) {
      over = true;
      release(0);
    }
  }

  /// Frees the oldest until no more than so many bytes are kept, or one block that is larger.
  private void release(long most) {
    while (quarantined > most && (quarantine.size() > 1 || over)) {
      Block oldest = quarantine.remove();
      quarantined -= oldest.size();
      oldest.close();
    }
  }

  /// Counts memory that lies elsewhere, such as Java objects; `false` if the limit is reached.
  public boolean charge(long size) {
    if (size < 0) {
      return false;
    }
    while (true) {
      long now = used.get();
      if (size > limit - now) {
        return false;
      }
      if (used.compareAndSet(now, now + size)) {
        return true;
      }
    }
  }
}
