package org.ebpf4j.linux.internal.event;

import org.ebpf4j.sys.Descriptor;
import org.ebpf4j.sys.Epoll;
import org.ebpf4j.sys.Mapping;

/// A ring buffer's mappings, and what waits for it. All of them are there, or none.
///
/// @param consumer the page with the consumer's position
/// @param producer the page with the producer's position, and the data twice
record RingMemory(Mapping consumer, Mapping producer, Epoll epoll) {

  /// @param size bytes of the ring
  /// @param consumerRights [Mapping#READ] and [Mapping#WRITE]
  /// @param producerRights likewise
  /// @param interest what to wait for
  /// @throws org.ebpf4j.sys.SystemCallException if it cannot be mapped or waited for
  static RingMemory map(
      Descriptor map, int size, int consumerRights, int producerRights, int interest) {
    int page = Mapping.pageSize();
    int number = map.acquire();
    try {
      Mapping consumer = Mapping.shared(number, 0, page, consumerRights);
      try {
        Mapping producer = Mapping.shared(number, page, page + 2L * size, producerRights);
        try {
          return new RingMemory(consumer, producer, waiting(number, interest));
        } catch (RuntimeException e) {
          producer.close();
          throw e;
        }
      } catch (RuntimeException e) {
        consumer.close();
        throw e;
      }
    } finally {
      map.release();
    }
  }

  private static Epoll waiting(int number, int interest) {
    Epoll epoll = new Epoll();
    try {
      epoll.add(number, 0, interest);
      return epoll;
    } catch (RuntimeException e) {
      epoll.close();
      throw e;
    }
  }
}
