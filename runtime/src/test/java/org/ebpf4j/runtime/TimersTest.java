package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.ebpf4j.GlobalVariable;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunInput;
import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.value.Codecs;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Timers in map values, with a clock that the test moves.
class TimersTest {
  private final Clock clock = new Clock();
  private JvmHost host;
  private LoadedCollection programs;

  @BeforeEach
  void load() {
    host = JvmHost.builder().cpus(1).environment(clock).build();
    programs = load(host);
  }

  @AfterEach
  void close() {
    programs.close();
    host.close();
  }

  @Test
  void firesOnceWhenItsTimeHasPassed() {
    set("delay", 100);
    assertThat(run("start")).isZero();
    clock.now = 1099;
    run("idle");
    assertThat(get("calls")).isZero();
    clock.now = 1100;
    run("idle");
    run("idle");
    assertThat(get("calls")).isEqualTo(1);
    assertThat(get("last_key")).isEqualTo(7);
    assertThat(get("last_now")).isEqualTo(1100);
  }

  @Test
  void theApplicationFiresWhatIsDueBeforeTheNextRun() {
    set("delay", 100);
    run("start");
    clock.now = 1099;
    host.fireTimers();
    assertThat(get("calls")).isZero();
    clock.now = 1100;
    host.fireTimers();
    host.fireTimers();
    assertThat(get("calls")).isEqualTo(1);
  }

  @Test
  void anArraysTimerIsToldItsIndex() {
    run("start_in_array");
    assertThat(get("calls")).isEqualTo(1);
    assertThat(get("last_key")).isEqualTo(3);
  }

  @Test
  void absoluteTimesAreThoseOfTheClock() {
    set("delay", 5000);
    set("flags", 1);
    run("start");
    clock.now = 4999;
    run("idle");
    assertThat(get("calls")).isZero();
    clock.now = 5000;
    run("idle");
    assertThat(get("calls")).isEqualTo(1);
  }

  @Test
  void aCallbackMayStartItsTimerButNotCancelIt() {
    set("delay", 10);
    set("period", 10);
    run("start");
    for (int i = 0; i < 3; i++) {
      clock.now += 10;
      run("idle");
    }
    assertThat(get("calls")).isEqualTo(3);
    assertThat(get("own_cancel")).isEqualTo(Errno.EDEADLK.negated());
  }

  @Test
  void cancellingDisarmsAndForgetsTheCallback() {
    set("delay", 10);
    run("start");
    assertThat(run("cancel")).isEqualTo(1);
    assertThat(run("cancel")).isZero();
    assertThat(run("start_again")).isEqualTo(Errno.EINVAL.negated());
    clock.now += 10;
    run("idle");
    assertThat(get("calls")).isZero();
  }

  @Test
  void refusesWhatLinuxRefuses() {
    set("delay", 10);
    assertThat(run("bad_clock")).isEqualTo(Errno.EINVAL.negated());
    assertThat(run("start")).isZero();
    assertThat(run("start")).isEqualTo(Errno.EBUSY.negated());
    set("flags", 4);
    assertThat(run("start_again")).isEqualTo(Errno.EINVAL.negated());
  }

  @Test
  void deletingTheElementCancels() {
    set("delay", 10);
    run("start");
    assertThat(run("remove")).isZero();
    clock.now += 10;
    run("idle");
    assertThat(get("calls")).isZero();
    assertThat(run("start")).isZero();
  }

  @Test
  void closingTheLastHandleOfTheMapCancels() {
    set("delay", 10);
    run("start");
    programs.map("hash").close();
    clock.now += 10;
    run("idle");
    assertThat(get("calls")).isZero();
    assertThat(run("start")).isEqualTo(Errno.EPERM.negated());
  }

  @Test
  void aFaultGoesToTheEnvironmentAndOtherTimersGoOn() {
    run("start_faulty");
    assertThat(clock.faults).hasSize(1);
    assertThat(clock.faults.getFirst().kind()).isEqualTo(ProgramFault.Kind.ACCESS);
    run("start");
    assertThat(get("calls")).isEqualTo(2);
  }

  @Test
  void aThreadFiresWhereTimePasses() throws InterruptedException {
    CountDownLatch faulted = new CountDownLatch(1);
    Environment passing =
        new Clock() {
          @Override
          public boolean timePasses() {
            return true;
          }

          @Override
          public void faulted(ProgramFault fault) {
            faulted.countDown();
          }
        };
    try (JvmHost live = JvmHost.builder().cpus(2).environment(passing).build();
        LoadedCollection loaded = load(live)) {
      loaded.program("start_faulty").run(RunInput.packet(new byte[64]));
      faulted.await();
      assertThat(loaded.variable("calls").memory().get(ValueLayout.JAVA_LONG, 0)).isEqualTo(1);
    }
  }

  @Test
  @Timeout(120)
  void whatTheApplicationThrowsStopsNoOtherTimer() throws InterruptedException {
    CountDownLatch faulted = new CountDownLatch(1);
    AtomicLong time = new AtomicLong(1000);
    Environment passing =
        new Clock() {
          @Override
          public boolean timePasses() {
            return true;
          }

          @Override
          public long monotonicNanos() {
            return time.get();
          }

          @Override
          public void faulted(ProgramFault fault) {
            faulted.countDown();
            throw new IllegalStateException("thrown for the test");
          }
        };
    try (JvmHost live = JvmHost.builder().cpus(2).environment(passing).build();
        LoadedCollection loaded = load(live)) {
      GlobalVariable calls = loaded.variable("calls");
      loaded.variable("delay").set(Codecs.U64, 100L);
      loaded.program("start").run(RunInput.packet(new byte[64]));
      loaded.variable("delay").set(Codecs.U64, 0L);
      loaded.program("start_faulty").run(RunInput.packet(new byte[64]));
      faulted.await();
      assertThat(calls.get(Codecs.U64)).isEqualTo(1);
      time.set(1100);
      while (calls.get(Codecs.U64) != 2) {
        Thread.sleep(1);
      }
    }
  }

  private static LoadedCollection load(JvmHost host) {
    try (InputStream in =
        Objects.requireNonNull(TimersTest.class.getResourceAsStream("/objects/timers.bpf.o"))) {
      // One of its callbacks faults on purpose.
      return host.load(
          CollectionReader.read("timers.bpf.o", in.readAllBytes()), Programs.UNVERIFIED);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private int run(String program) {
    return (int) programs.program(program).run(RunInput.packet(new byte[64])).returnValue();
  }

  private long get(String variable) {
    return programs.variable(variable).memory().get(ValueLayout.JAVA_LONG, 0);
  }

  private void set(String variable, long value) {
    byte[] bytes = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(value).array();
    programs.variable(variable).memory().asByteBuffer().put(bytes);
  }

  /// A world where the test moves the time.
  private static class Clock implements Environment {
    private final Environment fixed = FixedEnvironment.builder().build();
    final List<ProgramFault> faults = new ArrayList<>();
    long now = 1000;

    @Override
    public long monotonicNanos() {
      return now;
    }

    @Override
    public long taiNanos() {
      return now;
    }

    @Override
    public int random() {
      return fixed.random();
    }

    @Override
    public long processAndThread() {
      return fixed.processAndThread();
    }

    @Override
    public long groupAndUser() {
      return fixed.groupAndUser();
    }

    @Override
    public String threadName() {
      return fixed.threadName();
    }

    @Override
    public void faulted(ProgramFault fault) {
      faults.add(fault);
    }
  }
}
