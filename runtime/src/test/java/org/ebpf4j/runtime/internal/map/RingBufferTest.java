package org.ebpf4j.runtime.internal.map;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.ebpf4j.EventReader;
import org.ebpf4j.MapException;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.junit.jupiter.api.Test;

class RingBufferTest {
  private static final int SIZE = 4096;
  private static final Duration LONG = Duration.ofSeconds(20);
  private final MapFixture maps = new MapFixture();
  private final MapHandle map = maps.create(MapType.RINGBUF, 0, 0, SIZE, 0);
  private final RingBuffer ring = (RingBuffer) map.map();

  @Test
  void recordsHaveLinuxsFormat() {
    long record = ring.reserve(13);
    long header = record - 8;
    assertThat(Memory.getInt(header)).isEqualTo(13 | 1 << 31);
    assertThat(Memory.getInt(header + 4)).as("page of the first data page").isEqualTo(3);
    assertThat(RingBuffer.idOf(record)).isEqualTo(ring.id());
    assertThat(RingBuffer.length(record)).isEqualTo(13);
    assertThat(ring.query(3)).as("rounded up, with the header").isEqualTo(24);

    ring.commit(record, 0, false);
    assertThat(Memory.getInt(header)).isEqualTo(13);
    long dropped = ring.reserve(1);
    ring.commit(dropped, 0, true);
    assertThat(Memory.getInt(dropped - 8)).isEqualTo(1 | 1 << 30);
    assertThat(ring.query(0)).isEqualTo(40);
    assertThat(ring.query(1)).isEqualTo(SIZE);
    assertThat(ring.query(2)).isZero();
    assertThat(ring.query(9)).isZero();
  }

  @Test
  void aRecordOfNoBytesMayComeFromAnywhere() {
    assertThat(ring.output(-110, 0, 0)).isZero();
    assertThat(ring.query(0)).as("the header alone").isEqualTo(8);
  }

  @Test
  void aRingIsFullOneByteBeforeItsSize() {
    assertThat(ring.reserve(SIZE - 8)).isZero();
    assertThat(ring.reserve(-1)).isZero();
    assertThat(ring.reserve(SIZE - 16)).isNotZero();
    assertThat(ring.reserve(0)).isZero();
    assertThat(ring.output(0, 8, 0)).isEqualTo(Errno.EAGAIN.negated());
    assertThat(ring.output(0, 8, 4)).isEqualTo(Errno.EINVAL.negated());
  }

  @Test
  void readersSeeCommittedRecordsInOrderAndStopAtABusyOne() {
    put(1);
    long busy = ring.reserve(8);
    put(3);
    try (EventReader reader = map.events()) {
      assertThat(read(reader)).containsExactly(1L);
      ring.commit(busy, 0, true);
      assertThat(read(reader)).containsExactly(3L);
      assertThat(ring.query(0)).isZero();
    }
  }

  @Test
  void recordsThatCrossTheEndAreWhole() {
    try (EventReader reader = map.events()) {
      for (int i = 0; i < 100; i++) {
        long record = ring.reserve(1001);
        Memory.fill(record, 1001, (byte) i);
        ring.commit(record, 0, false);
        byte expected = (byte) i;
        int count =
            reader.poll(
                Duration.ZERO,
                (bytes, cpu) -> {
                  assertThat(bytes.byteSize()).isEqualTo(1001);
                  assertThat(bytes.toArray(JAVA_BYTE)).containsOnly(expected);
                  assertThat(cpu).isEqualTo(-1);
                });
        assertThat(count).isEqualTo(1);
      }
    }
  }

  @Test
  void producersLoseNothingAndKeepTheirOrder() throws Exception {
    int producers = 3;
    int each = 20_000;
    long[] last = new long[producers];
    try (ExecutorService threads = Executors.newCachedThreadPool();
        EventReader reader = map.events()) {
      List<Future<?>> running = new ArrayList<>();
      for (int p = 0; p < producers; p++) {
        long producer = p;
        running.add(threads.submit(() -> produce(producer, each)));
      }
      int seen = 0;
      while (seen < producers * each) {
        int count =
            reader.poll(
                LONG,
                (bytes, cpu) -> {
                  long value = bytes.get(JAVA_LONG_UNALIGNED, 0);
                  int producer = (int) (value >>> 32);
                  assertThat((int) value).isEqualTo((int) ++last[producer]);
                });
        assertThat(count).isPositive();
        seen += count;
      }
      for (Future<?> producer : running) {
        producer.get();
      }
    }
  }

  private void produce(long producer, int count) {
    for (int i = 1; i <= count; i++) {
      long record = ring.reserve(8 + i % 40);
      while (record == 0) {
        Thread.yield();
        record = ring.reserve(8 + i % 40);
      }
      Memory.putLong(record, producer << 32 | i);
      ring.commit(record, 0, false);
    }
  }

  @Test
  void oneReaderAtATime() {
    EventReader first = map.events();
    assertThatExceptionOfType(MapException.class)
        .isThrownBy(map::events)
        .matches(refusal -> refusal.errno() == Errno.EBUSY);
    first.close();
    first.close();
    assertThatExceptionOfType(MapException.class)
        .isThrownBy(() -> first.poll(Duration.ZERO, (bytes, cpu) -> {}))
        .matches(refusal -> refusal.errno() == Errno.EBADF);
    map.events().close();
  }

  @Test
  void aRecordKeptTooLongThrowsInsteadOfCrashing() {
    MapFixture freeing = new MapFixture(256L << 20, false);
    MapHandle other = freeing.create(MapType.RINGBUF, 0, 0, SIZE, 0);
    RingBuffer own = (RingBuffer) other.map();
    own.commit(own.reserve(8), 0, false);
    List<MemorySegment> kept = new ArrayList<>();
    EventReader reader = other.events();
    reader.poll(
        Duration.ZERO,
        (bytes, cpu) -> {
          kept.add(bytes);
          // The handler may close everything: it ends after the handler.
          reader.close();
          other.close();
          assertThat(bytes.get(JAVA_BYTE, 0)).isZero();
        });
    freeing.settle();
    assertThatThrownBy(() -> kept.getFirst().get(JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> kept.getFirst().set(JAVA_BYTE, 0, (byte) 1))
        .isInstanceOf(RuntimeException.class);
  }

  @Test
  void aWaitingReaderWakesWhenItsRecordComesAndWhenItIsClosed() throws Exception {
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      EventReader reader = map.events();
      Future<Integer> waiting = threads.submit(() -> reader.poll(LONG, (bytes, cpu) -> {}));
      put(5);
      assertThat(waiting.get()).isEqualTo(1);
      Future<Integer> closed = threads.submit(() -> reader.poll(LONG, (bytes, cpu) -> {}));
      while (!closed.isDone()) {
        reader.close();
        Thread.yield();
      }
    }
  }

  private void put(long value) {
    long record = ring.reserve(8);
    Memory.putLong(record, value);
    ring.commit(record, 0, false);
  }

  private static List<Long> read(EventReader reader) {
    List<Long> values = new ArrayList<>();
    reader.poll(Duration.ZERO, (bytes, cpu) -> values.add(bytes.get(JAVA_LONG_UNALIGNED, 0)));
    return values;
  }
}
