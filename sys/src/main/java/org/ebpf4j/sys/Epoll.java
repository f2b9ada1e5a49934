package org.ebpf4j.sys;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/// Waits until one of several descriptors can be read or written. For one thread.
public final class Epoll implements AutoCloseable {
  /// `EPOLLIN`: wait until there is something to read.
  public static final int READABLE = 1;

  /// `EPOLLOUT`: wait until there is room to write.
  public static final int WRITABLE = 4;

  private static final int ADD = 1;
  private static final int INTERRUPTED = 4;
  private static final int SIGNAL_SET_BYTES = 8;

  /// `struct epoll_event`: 32 bits of events, then 64 bits of data, packed on x86-64 only.
  private static final boolean PACKED =
      System.getProperty("os.arch").equals("amd64")
          || System.getProperty("os.arch").equals("x86_64");

  private static final long DATA_OFFSET = PACKED ? 4 : 8;
  private static final long EVENT_BYTES = DATA_OFFSET + 8;

  private final Arena arena = Arena.ofShared();
  private final MemorySegment state = arena.allocate(SystemCall.STATE_BYTES, 8);
  private final Descriptor descriptor;
  private MemorySegment events = arena.allocate(EVENT_BYTES, 8);
  private int watched;

  public Epoll() {
    this.descriptor =
        new Descriptor(
            (int) SystemCall.EPOLL_CREATE1.require(Descriptor.CLOSE_ON_EXEC, 0, 0, 0, 0, 0));
  }

  /// Watches a descriptor until it can be read; `tag` is what [#ready] reports it by.
  ///
  /// @throws SystemCallException if it cannot be waited for
  public void add(int watchedDescriptor, long tag) {
    add(watchedDescriptor, tag, READABLE);
  }

  /// Watches a descriptor for `interest`, [#READABLE] or [#WRITABLE].
  ///
  /// @throws SystemCallException if it cannot be waited for
  public void add(int watchedDescriptor, long tag, int interest) {
    try (Arena local = Arena.ofConfined()) {
      MemorySegment event = local.allocate(EVENT_BYTES, 8);
      event.set(JAVA_INT, 0, interest);
      event.set(JAVA_LONG_UNALIGNED, DATA_OFFSET, tag);
      int number = descriptor.acquire();
      try {
        SystemCall.EPOLL_CTL.require(number, ADD, watchedDescriptor, event.address(), 0, 0);
      } finally {
        descriptor.release();
      }
    }
    watched++;
    events = arena.allocate(EVENT_BYTES * watched, 8);
  }

  /// Waits up to so many milliseconds (-1: for ever) and gives how many descriptors are ready: 0
  /// when the time is up or a signal came.
  ///
  /// @throws SystemCallException if it is closed
  public int await(int milliseconds) {
    int number = descriptor.acquire();
    long result;
    try {
      result =
          SystemCall.EPOLL_PWAIT.call(
              state,
              number,
              events.address(),
              Math.max(watched, 1),
              milliseconds,
              0,
              SIGNAL_SET_BYTES);
    } finally {
      descriptor.release();
    }
    if (result == -INTERRUPTED) {
      return 0;
    }
    if (result < 0) {
      throw new SystemCallException(SystemCall.EPOLL_PWAIT, (int) -result);
    }
    return (int) result;
  }

  /// The tag of a descriptor that the last [#await] found, by its index.
  public long ready(int index) {
    return events.get(JAVA_LONG_UNALIGNED, index * EVENT_BYTES + DATA_OFFSET);
  }

  @Override
  public void close() {
    if (!descriptor.closed()) {
      descriptor.close();
      arena.close();
    }
  }
}
