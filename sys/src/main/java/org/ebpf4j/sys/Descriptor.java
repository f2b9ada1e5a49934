package org.ebpf4j.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;

/// An open file descriptor, owned by one object and used by many threads.
///
/// Linux gives the number of a closed descriptor to the next file that is opened, so a late user
/// would work on somebody else's file. Users therefore bracket each system call with [#acquire] and
/// [#release], and the descriptor is closed when its owner has closed it and the last user is gone.
public final class Descriptor implements AutoCloseable {
  /// `O_RDONLY`.
  public static final int READ_ONLY = 0;

  /// `O_CLOEXEC`.
  public static final int CLOSE_ON_EXEC = 0x80000;

  private static final int BAD_DESCRIPTOR = 9;

  /// `F_DUPFD_CLOEXEC`.
  private static final int DUPLICATE_CLOSED_ON_EXEC = 1030;

  private static final int CURRENT_DIRECTORY = -100;
  private static final int CLOSED = Integer.MIN_VALUE;

  private final int number;

  /// Users at the moment; with [#CLOSED] added once the owner has closed it.
  private final AtomicInteger users = new AtomicInteger();

  /// Takes over an open descriptor.
  public Descriptor(int number) {
    if (number < 0) {
      throw new IllegalArgumentException("no descriptor: " + number);
    }
    this.number = number;
  }

  /// Opens a file, as `open(2)`; the descriptor is closed on `exec`.
  ///
  /// @throws SystemCallException if that fails
  public static Descriptor open(String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path);
      long number =
          SystemCall.OPENAT.require(
              CURRENT_DIRECTORY, name.address(), flags | CLOSE_ON_EXEC, 0, 0, 0);
      return new Descriptor((int) number);
    }
  }

  /// Another descriptor of the same file, to be closed by itself.
  ///
  /// @throws SystemCallException `EBADF` if this one is closed
  public Descriptor duplicate() {
    int original = acquire();
    try {
      return new Descriptor(
          (int) SystemCall.FCNTL.require(original, DUPLICATE_CLOSED_ON_EXEC, 0, 0, 0, 0));
    } finally {
      release();
    }
  }

  /// The number, which stays valid until [#release].
  ///
  /// @throws SystemCallException `EBADF` if it is closed
  public int acquire() {
    int seen;
    do {
      seen = users.get();
      if (seen < 0) { // and stays so: counted, a late user would close somebody else's file
        throw new SystemCallException(SystemCall.CLOSE, BAD_DESCRIPTOR);
      }
    } while (!users.compareAndSet(seen, seen + 1));
    return number;
  }

  /// Ends a use that [#acquire] began.
  public void release() {
    if (users.decrementAndGet() == CLOSED) {
      closeNow();
    }
  }

  /// Whether its owner has closed it.
  public boolean closed() {
    return users.get() < 0;
  }

  /// Closes it once no one uses it any more. Closing again does nothing.
  @Override
  public void close() {
    int seen;
    do {
      seen = users.get();
      if (seen < 0) {
        return;
      }
    } while (!users.compareAndSet(seen, seen + CLOSED));
    if (seen == 0) {
      closeNow();
    }
  }

  private void closeNow() {
    // Linux has released the number even when close(2) reports an error.
    SystemCall.CLOSE.call(number, 0, 0, 0, 0, 0);
  }

  @Override
  public String toString() {
    return "Descriptor[" + number + (closed() ? ", closed]" : "]");
  }
}
