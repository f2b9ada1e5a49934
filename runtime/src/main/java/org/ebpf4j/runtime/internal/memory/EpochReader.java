package org.ebpf4j.runtime.internal.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Someone whom [Epochs] does not pull memory from under, between [#enter] and [#exit]. Used by one
/// thread at a time.
///
/// Both ends store and need nothing of what was stored before, so that a processor overlaps one run
/// with the next.
public class EpochReader extends Padding {
  private static final VarHandle SINCE;

  static {
    try {
      SINCE = MethodHandles.lookup().findVarHandle(EpochReader.class, "since", long.class);
    } catch (ReflectiveOperationException impossible) {
      throw new ExceptionInInitializerError(impossible);
    }
  }

  private final Epochs.Clock clock;

  /// The epoch in which it entered, or 0 while it is outside.
  private long since;

  protected EpochReader(Epochs epochs) {
    this.clock = epochs.clock();
  }

  /// Addresses found from now on stay good until [#exit].
  public final void enter() {
    SINCE.setOpaque(this, clock.now());
    // Keeps the compiler from moving loads up. What the processor does is up to Epochs' barrier.
    VarHandle.acquireFence();
  }

  public final void exit() {
    SINCE.setRelease(this, 0L);
  }

  /// As its own thread sees it.
  public final boolean isInside() {
    return since != 0;
  }

  /// For readers that many threads share: enters unless somebody is inside.
  final boolean tryEnter() {
    return (long) SINCE.getOpaque(this) == 0 && SINCE.compareAndSet(this, 0L, clock.now());
  }

  /// As any thread may ask. What the reader did is visible once it is outside.
  protected final boolean isOutside() {
    return (long) SINCE.getAcquire(this) == 0;
  }

  /// Whether it has ended what it was doing in an epoch, if anything.
  final boolean left(long epoch) {
    long entered = (long) SINCE.getAcquire(this);
    return entered == 0 || entered > epoch;
  }
}
