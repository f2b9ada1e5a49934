package org.ebpf4j.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.EventReader;
import org.ebpf4j.IteratorTarget;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.MapException;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Who waits for rings is not left there: closing and interrupts end the wait, as in the JVM host.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WaitingTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final EventReader.Handler IGNORE = (record, cpu) -> {};

  private LinuxHost host;

  @BeforeEach
  void open() {
    host = Linux.host();
  }

  @AfterEach
  void close() {
    if (host != null) {
      host.close();
    }
  }

  private static void assertClosed(Future<?> waiting) {
    assertThatExceptionOfType(ExecutionException.class)
        .isThrownBy(() -> waiting.get(60, TimeUnit.SECONDS))
        .havingCause()
        .isInstanceOfSatisfying(
            MapException.class, closed -> assertThat(closed.errno()).isEqualTo(Errno.EBADF));
  }

  @ParameterizedTest
  @ValueSource(strings = {"events", "perf_events"})
  void aReaderMayBeClosedWhileItPolls(String map) throws Exception {
    try (LoadedCollection sample = host.load(Linux.sample());
        ExecutorService executor = Executors.newSingleThreadExecutor()) {
      EventReader reader = sample.map(map).events();
      CountDownLatch begun = new CountDownLatch(1);
      Future<?> polling =
          executor.submit(() -> {
            begun.countDown();
            while (true) {
              reader.poll(LONG, IGNORE);
            }
          });
      begun.await();
      reader.close();
      assertClosed(polling);
      sample.map(map).events().close();
    }
  }

  @ParameterizedTest
  @CsvSource({"events, report", "perf_events, report_perf"})
  void aHandlerMayCloseItsReader(String map, String program) {
    try (LoadedCollection sample = host.load(Linux.sample())) {
      EventReader reader = sample.map(map).events();
      sample.program(program).run(RunInput.packet(new byte[60]).withRepeat(3));
      assertThat(reader.poll(LONG, (record, cpu) -> reader.close())).isEqualTo(1);
      assertThatThrownBy(() -> reader.poll(LONG, IGNORE)).isInstanceOf(MapException.class);
      sample.map(map).events().close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"events", "perf_events"})
  void anInterruptEndsAPoll(String map) {
    try (LoadedCollection sample = host.load(Linux.sample());
        EventReader reader = sample.map(map).events()) {
      Thread.currentThread().interrupt();
      assertThat(reader.poll(LONG, IGNORE)).isZero();
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void closingAMapEndsSubmitting() throws Exception {
    BpfMap ring = host.createMap(MapSpec.of("ring", MapType.USER_RINGBUF, 0, 0, 4096));
    assertThat(ring.submit(new byte[4088], Duration.ZERO)).isTrue();
    CountDownLatch begun = new CountDownLatch(2);
    try (ExecutorService executor = Executors.newFixedThreadPool(2)) {
      List<Future<Boolean>> submitting = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        submitting.add(
            executor.submit(() -> {
              begun.countDown();
              return ring.submit(new byte[8], LONG);
            }));
      }
      begun.await();
      // Others that wait longer do not keep this one.
      assertThat(ring.submit(new byte[8], Duration.ofMillis(1))).isFalse();
      ring.close();
      submitting.forEach(WaitingTest::assertClosed);
    }
  }

  @Test
  void aClosedProgramIsNotUsed() {
    LoadedCollection sample = host.load(Linux.sample());
    BpfProgram closed = sample.program("report");
    sample.close();
    for (ThrowingCallable use :
        List.<ThrowingCallable>of(
            closed::runner,
            () -> closed.run(RunInput.packet(new byte[60])),
            () -> closed.iterate(IteratorTarget.all()))) {
      assertThatThrownBy(use)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("program report is closed");
    }
  }
}
