package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.ebpf4j.BpfMap;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.EventReader;
import org.ebpf4j.Link;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.MapException;
import org.ebpf4j.ProgramFault;
import org.ebpf4j.RunInput;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What ends when, and that who is late is told so.
@Timeout(120)
class LifetimeTest {
  private static final int HELPER = 70_000;
  private static final String RETURN_MEMORY = "r0 = *(u8 *)(r1 + 0)\nexit";

  /// What an application hands to its programs.
  public record Event(long number) {}

  private static final ProgramTypeDefinition<Event> EVENT =
      ProgramTypeDefinition.of("event", Event.class);

  private static JvmHost.Builder builder() {
    return JvmHost.builder().memoryProgramType("memory").programType(EVENT);
  }

  private static JvmHost hostWith(int cpus, HelperFunction helper) {
    return builder().cpus(cpus).helper(HelperPrototype.ofNumbers(HELPER, "ask", 2), helper).build();
  }

  private static void assertEnded(MemorySegment segment) {
    assertThatThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void packetAndContextOfARunnerEndWithIt() {
    try (JvmHost host = builder().build();
        LoadedCollection loaded =
            host.load(Programs.collection("memory", RETURN_MEMORY), Programs.UNVERIFIED);
        LoadedCollection event = host.load(Programs.collection("event", RETURN_MEMORY))) {
      Runner runner = loaded.program("test").runner();
      MemorySegment buffer = runner.packetBuffer(64);
      runner.run();
      MemorySegment packet = runner.packet();
      Runner other = event.program("test").runner();
      MemorySegment context = other.context();
      runner.close();
      other.close();
      List.of(buffer, packet, context).forEach(LifetimeTest::assertEnded);
      assertThatThrownBy(runner::run).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(runner::packet).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> runner.packetBuffer(64)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void runnersEndWithTheirCollection() {
    try (JvmHost host = builder().build()) {
      LoadedCollection loaded =
          host.load(Programs.collection("memory", RETURN_MEMORY), Programs.UNVERIFIED);
      Runner forgotten = loaded.program("test").runner();
      MemorySegment buffer = forgotten.packetBuffer(64);
      forgotten.run();
      loaded.close();
      assertEnded(buffer);
      assertThatThrownBy(forgotten::run).isInstanceOf(IllegalStateException.class);
      forgotten.close();
      assertThat(loaded.program("test").statistics().runs()).isEqualTo(1);
    }
  }

  @Test
  void memoryOfAClosedCollectionIsThereForTheNext() {
    MapSpec most = MapSpec.of("most", MapType.ARRAY, 4, 700_000, 1);
    CollectionSpec spec =
        CollectionSpec.of(List.of(most), List.of(Programs.program("event", "r0 = 0\nexit")));
    try (JvmHost host = builder().limits(Limits.defaults().withMapBytes(1_000_000)).build()) {
      for (int i = 0; i < 3; i++) {
        try (LoadedCollection loaded = host.load(spec)) {
          assertThat(loaded.maps()).hasSize(1);
        }
      }
    }
  }

  @Test
  void memoryThatAHelperWasGivenEndsWithTheRun() {
    AtomicReference<MemorySegment> kept = new AtomicReference<>();
    AtomicReference<HelperCall> keptCall = new AtomicReference<>();
    AtomicReference<Long> keptAddress = new AtomicReference<>();
    try (JvmHost host =
            hostWith(
                1,
                (call, address, size, c, d, e) -> {
                  MemorySegment memory = call.memory(address, (int) size);
                  kept.set(memory);
                  keptCall.set(call);
                  keptAddress.set(address);
                  return memory.get(ValueLayout.JAVA_BYTE, 0);
                });
        LoadedCollection loaded =
            host.load(Programs.collection("memory", "call 70000\nexit"), Programs.UNVERIFIED)) {
      assertThat(loaded.program("test").run(RunInput.packet(new byte[] {5})).returnValue())
          .isEqualTo(5);
      assertEnded(kept.get());
      assertThatThrownBy(() -> keptCall.get().memory(keptAddress.get(), 1))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aHelperReadsNothingThatTheRunMayNot() {
    try (JvmHost host = hostWith(1, (call, a, size, c, d, e) -> call.memory(a, 9).byteSize());
        LoadedCollection loaded =
            host.load(Programs.collection("memory", "call 70000\nexit"), Programs.UNVERIFIED)) {
      assertThatThrownBy(() -> loaded.program("test").run(RunInput.packet(new byte[8])))
          .isInstanceOf(ProgramFault.class)
          .hasMessageContaining("9 bytes");
    }
  }

  @Test
  void aRecordEndsWithThePollThatBroughtIt() {
    MapSpec ring = MapSpec.of("ring", MapType.RINGBUF, 0, 0, 4096);
    try (JvmHost host = builder().build()) {
      LoadedCollection loaded =
          host.load(CollectionSpec.of(List.of(ring), List.of(output(ring))), Programs.UNVERIFIED);
      MemorySegment[] kept = new MemorySegment[1];
      try (EventReader reader = loaded.map("ring").events()) {
        loaded.program("test").run(RunInput.none());
        reader.poll(Duration.ZERO, (record, cpu) -> kept[0] = record);
      }
      assertEnded(kept[0]);
      loaded.close();
    }
  }

  private static org.ebpf4j.spec.ProgramSpec output(MapSpec ring) {
    return Programs.program(
        "test",
        "memory",
        """
        *(u64 *)(r10 - 8) = 7
        ld_pseudo r1, 1, 0
        r2 = r10
        r2 += -8
        r3 = 8
        r4 = 0
        call 130
        exit
        """,
        List.of(ring));
  }

  @Test
  void mapsThatAHostMadeEndWithIt() {
    BpfMap made;
    try (JvmHost host = builder().build()) {
      made = host.createMap(MapSpec.of("table", MapType.HASH, 4, 8, 2));
      BpfMap closed = host.createMap(MapSpec.of("table", MapType.HASH, 4, 8, 2));
      closed.close();
    }
    assertThatThrownBy(() -> made.lookup(new byte[4]))
        .isInstanceOf(MapException.class)
        .hasMessageContaining("EBADF");
    made.close();
  }

  @Test
  void closingAMapEndsSubmitting() throws Exception {
    try (JvmHost host = builder().build();
        ExecutorService executor = Executors.newFixedThreadPool(2)) {
      BpfMap ring = host.createMap(MapSpec.of("ring", MapType.USER_RINGBUF, 0, 0, 4096));
      assertThat(ring.submit(new byte[4088], Duration.ZERO)).isTrue();
      CountDownLatch begun = new CountDownLatch(2);
      List<Future<Boolean>> submitting = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        submitting.add(
            executor.submit(() -> {
              begun.countDown();
              return ring.submit(new byte[8], Duration.ofHours(1));
            }));
      }
      begun.await();
      ring.close();
      for (Future<Boolean> waiting : submitting) {
        assertThatThrownBy(() -> waiting.get(60, TimeUnit.SECONDS))
            .cause()
            .isInstanceOf(MapException.class)
            .hasMessageContaining("EBADF");
      }
    }
  }

  @Test
  void aProgramThatCallsItselfIsSkippedAndCounted() {
    AtomicReference<LoadedCollection> self = new AtomicReference<>();
    try (JvmHost host =
            hostWith(
                2,
                (call, a, b, c, d, e) ->
                    self.get().program("test").run(RunInput.none()).returnValue() + 100);
        LoadedCollection loaded =
            host.load(
                Programs.collection("memory", "call 70000\nr0 += 1\nexit"), Programs.UNVERIFIED)) {
      self.set(loaded);
      assertThat(loaded.program("test").run(RunInput.none()).returnValue()).isEqualTo(101);
      assertThat(loaded.program("test").statistics().misses()).isEqualTo(1);
      assertThat(loaded.program("test").statistics().runs()).isEqualTo(1);
    }
  }

  @Test
  void aRunInsideAnotherHasTheSameCpu() {
    AtomicReference<LoadedCollection> inner = new AtomicReference<>();
    int cpus = 4;
    try (JvmHost host =
            hostWith(
                cpus,
                (call, a, b, c, d, e) ->
                    inner.get().program("test").run(RunInput.none()).returnValue() == call.cpu()
                        ? 1
                        : 0);
        LoadedCollection cpu =
            host.load(Programs.collection("memory", "call 8\nexit"), Programs.UNVERIFIED);
        LoadedCollection outer =
            host.load(Programs.collection("memory", "call 70000\nexit"), Programs.UNVERIFIED)) {
      inner.set(cpu);
      for (int i = 0; i < 2 * cpus; i++) {
        try (Runner runner = outer.program("test").runner()) {
          assertThat(runner.run()).isEqualTo(1);
        }
      }
    }
  }

  @Test
  void aLinkEndsWithItsCollection() {
    try (JvmHost host = builder().build()) {
      Hook<Event> hook = host.hook(EVENT);
      LoadedCollection loaded = host.load(Programs.collection("event", "r0 = 9\nexit"));
      LoadedCollection next = host.load(Programs.collection("event", "r0 = 10\nexit"));
      Link link = hook.attach(loaded.program("test"));
      assertThat(hook.fire(new Event(1), 0)).isEqualTo(9);
      link.replace(next.program("test"));
      loaded.close();
      assertThat(hook.fire(new Event(1), 0)).isEqualTo(10);
      next.close();
      assertThat(hook.fire(new Event(1), 0)).isZero();
      assertThatThrownBy(() -> hook.attach(next.program("test")))
          .isInstanceOf(IllegalStateException.class);
      LoadedCollection third = host.load(Programs.collection("event", "r0 = 11\nexit"));
      assertThatThrownBy(() -> link.replace(third.program("test")))
          .isInstanceOf(IllegalStateException.class);
      assertThat(hook.fire(new Event(1), 0)).isZero();
    }
  }

  @Test
  void aRunnerBelongsToTheFirstThreadThatUsesIt() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    try (JvmHost host =
            hostWith(
                2,
                (call, a, b, c, d, e) -> {
                  inside.countDown();
                  done.await();
                  return 3;
                });
        LoadedCollection loaded =
            host.load(Programs.collection("memory", "call 70000\nexit"), Programs.UNVERIFIED);
        Runner runner = loaded.program("test").runner();
        ExecutorService executor = Executors.newSingleThreadExecutor()) {
      Future<Long> first = executor.submit(runner::run);
      inside.await();
      assertThatThrownBy(runner::run).isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> runner.packetBuffer(5)).isInstanceOf(IllegalStateException.class);
      done.countDown();
      assertThat(first.get()).isEqualTo(3);
      assertThatThrownBy(runner::run).isInstanceOf(IllegalStateException.class);
      assertThat(executor.submit(runner::run).get()).isEqualTo(3);
    }
  }

  @Test
  void everythingMayBeClosedInsideARun() {
    AtomicReference<AutoCloseable> closed = new AtomicReference<>();
    MapSpec array = MapSpec.of("array", MapType.ARRAY, 4, 8, 1);
    String text =
        """
        *(u32 *)(r10 - 4) = 0
        ld_pseudo r1, 1, 0
        r2 = r10
        r2 += -4
        call 1
        if r0 == 0 goto out
        r6 = r0
        *(u64 *)(r6 + 0) = 77
        call 70000
        r0 = *(u64 *)(r6 + 0)
        out: exit
        """;
    HelperFunction close =
        (call, a, b, c, d, e) -> {
          closed.get().close();
          return 0;
        };
    try (JvmHost host = hostWith(1, close)) {
      CollectionSpec spec =
          CollectionSpec.of(
              List.of(array), List.of(Programs.program("test", "memory", text, List.of(array))));
      LoadedCollection first = host.load(spec, Programs.UNVERIFIED);
      closed.set(first.map("array"));
      assertThat(first.program("test").run(RunInput.none()).returnValue()).isEqualTo(77);
      LoadedCollection second = host.load(spec, Programs.UNVERIFIED);
      closed.set(second);
      assertThat(second.program("test").run(RunInput.none()).returnValue()).isEqualTo(77);
      LoadedCollection third = host.load(spec, Programs.UNVERIFIED);
      Runner runner = third.program("test").runner();
      closed.set(runner);
      assertThat(runner.run()).isEqualTo(77);
      closed.set(host);
      assertThat(third.program("test").run(RunInput.none()).returnValue()).isEqualTo(77);
      assertThatThrownBy(() -> third.program("test").run(RunInput.none()))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(() -> host.load(spec)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void anErrorOfTheJvmEndsTheRunAndNothingElse() throws Exception {
    AtomicReference<Error> thrown = new AtomicReference<>();
    MapSpec ring = MapSpec.of("ring", MapType.RINGBUF, 0, 0, 4096);
    String text =
        """
        ld_pseudo r1, 1, 0
        r2 = 8
        r3 = 0
        call 131
        r6 = r0
        call 70000
        r1 = r6
        r2 = 0
        call 132
        r0 = 1
        exit
        """;
    HelperFunction helper =
        (call, a, b, c, d, e) -> {
          if (thrown.get() instanceof StackOverflowError) {
            return recurse(1);
          }
          if (thrown.get() != null) {
            throw thrown.get();
          }
          return 0;
        };
    try (JvmHost host = hostWith(1, helper)) {
      LoadedCollection loaded =
          host.load(
              CollectionSpec.of(
                  List.of(ring), List.of(Programs.program("test", "memory", text, List.of(ring)))),
              Programs.UNVERIFIED);
      for (Error error : List.of(new StackOverflowError(), new OutOfMemoryError("for the test"))) {
        thrown.set(error);
        assertThat(catchThrowable(() -> loaded.program("test").run(RunInput.none())))
            .isInstanceOf(error.getClass());
      }
      thrown.set(null);
      try (EventReader reader = loaded.map("ring").events();
          ExecutorService executor = Executors.newSingleThreadExecutor()) {
        // The record that was held is discarded, and another thread finds the CPU free.
        assertThat(reader.poll(Duration.ZERO, (record, cpu) -> {})).isZero();
        assertThat(
                executor
                    .submit(() -> loaded.program("test").run(RunInput.none()).returnValue())
                    .get(60, TimeUnit.SECONDS))
            .isEqualTo(1);
        assertThat(reader.poll(Duration.ZERO, (record, cpu) -> {})).isEqualTo(1);
      }
    }
  }

  private static long recurse(long depth) {
    return recurse(depth + 1) + 1;
  }

  /// A thread whose stack is nearly full may fail to begin or to end a run, but must not keep what
  /// others need.
  @Test
  void aThreadAtTheEndOfItsStackKeepsNothing() throws Exception {
    MapSpec hash = MapSpec.of("hash", MapType.HASH, 4, 8, 16);
    String text =
        """
        *(u32 *)(r10 - 4) = 1
        *(u64 *)(r10 - 16) = 2
        ld_pseudo r1, 1, 0
        r2 = r10
        r2 += -4
        r3 = r10
        r3 += -16
        r4 = 0
        call 2
        exit
        """;
    try (JvmHost host = builder().cpus(1).build()) {
      LoadedCollection loaded =
          host.load(
              CollectionSpec.of(
                  List.of(hash), List.of(Programs.program("test", "memory", text, List.of(hash)))),
              Programs.UNVERIFIED);
      for (int i = 0; i < 20; i++) {
        BpfProgram program = loaded.program("test");
        Thread deep = new Thread(null, () -> runAtEveryDepth(program), "deep", 512 << 10);
        deep.start();
        deep.join();
        assertThat(program.run(RunInput.none()).returnValue()).isZero();
      }
    }
  }

  private static void runAtEveryDepth(BpfProgram program) {
    try {
      runAtEveryDepth(program);
      program.run(RunInput.none());
    } catch (StackOverflowError expected) {
      // At this depth there is not enough stack; further up there is.
    }
  }

  @Test
  void virtualThreadsShareTheCpus() throws Exception {
    MapSpec counts = MapSpec.of("counts", MapType.ARRAY, 4, 8, 1);
    String text =
        """
        *(u32 *)(r10 - 4) = 0
        ld_pseudo r1, 1, 0
        r2 = r10
        r2 += -4
        call 1
        if r0 == 0 goto out
        r1 = 1
        lock *(u64 *)(r0 + 0) += r1
        out: r0 = 0
        exit
        """;
    try (JvmHost host = builder().cpus(2).build();
        LoadedCollection loaded =
            host.load(
                CollectionSpec.of(
                    List.of(counts),
                    List.of(Programs.program("test", "memory", text, List.of(counts)))),
                Programs.UNVERIFIED);
        ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Long>> runs = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        runs.add(executor.submit(() -> loaded.program("test").run(RunInput.none()).returnValue()));
      }
      for (Future<Long> run : runs) {
        assertThat(run.get(60, TimeUnit.SECONDS)).isZero();
      }
      BpfMap map = loaded.map("counts");
      assertThat(map.lookup(new byte[4]).orElseThrow()[0] & 0xff).isEqualTo(500 & 0xff);
      assertThat(loaded.program("test").statistics().runs()).isEqualTo(500);
    }
  }
}
