package org.ebpf4j.linux.internal.event;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.ebpf4j.error.Errno;
import org.ebpf4j.sys.Descriptor;
import org.ebpf4j.sys.Epoll;
import org.ebpf4j.sys.Mapping;
import org.ebpf4j.sys.SystemCall;
import org.ebpf4j.sys.SystemCallException;

/// Writes a user ring buffer: laid out as [RingBufferReader] says, with the sides changed. Safe for
/// several threads.
public final class UserRing implements AutoCloseable {
  /// Bytes before each record.
  public static final int HEADER_BYTES = RingBufferReader.HEADER_BYTES;

  private final int size;
  private final Mapping consumer;
  private final Mapping producer;
  private final Epoll epoll;
  private final ReentrantLock writing;
  private volatile boolean closed;

  /// @param writing held by whoever writes to this ring, which may be mapped several times
  public UserRing(Descriptor map, int size, ReentrantLock writing) {
    this.size = size;
    this.writing = writing;
    RingMemory ring =
        RingMemory.map(map, size, Mapping.READ, Mapping.READ | Mapping.WRITE, Epoll.WRITABLE);
    this.consumer = ring.consumer();
    this.producer = ring.producer();
    this.epoll = ring.epoll();
  }

  /// Hands over a record; `false` if there was no room for it in time, or the thread was
  /// interrupted.
  ///
  /// @throws SystemCallException `EBADF` if it is closed, even meanwhile
  public boolean submit(byte[] bytes, Duration timeout) {
    Deadline deadline = Deadline.after(timeout);
    if (!lock(deadline)) {
      return false;
    }
    try {
      while (!write(bytes)) {
        if (!deadline.goesOn()) {
          return false;
        }
        epoll.await(deadline.slice());
      }
      return true;
    } finally {
      writing.unlock();
    }
  }

  private boolean lock(Deadline deadline) {
    try {
      return writing.tryLock(deadline.left(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private boolean write(byte[] bytes) {
    if (closed) {
      throw new SystemCallException(SystemCall.WRITE, Errno.EBADF.number());
    }
    MemorySegment ring = producer.memory();
    long consumed = (long) RingBufferReader.LONG.getAcquire(consumer.memory(), 0L);
    long position = (long) RingBufferReader.LONG.getAcquire(ring, 0L);
    long total = (bytes.length + HEADER_BYTES + 7L) & ~7L;
    if (size - (position - consumed) < total) {
      return false;
    }
    long at = Mapping.pageSize() + (position & (size - 1L));
    MemorySegment.copy(bytes, 0, ring, JAVA_BYTE, at + HEADER_BYTES, bytes.length);
    ring.set(JAVA_INT, at + Integer.BYTES, 0);
    ring.set(JAVA_INT, at, bytes.length);
    RingBufferReader.LONG.setRelease(ring, 0L, position + total);
    return true;
  }

  @Override
  public void close() {
    closed = true;
    writing.lock();
    try {
      epoll.close();
      producer.close();
      consumer.close();
    } finally {
      writing.unlock();
    }
  }
}
