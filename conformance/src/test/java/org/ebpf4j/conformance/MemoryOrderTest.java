package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Assembler;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.ProgramFunction;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.ebpf4j.spec.ProgramSpec.ProgramKind;
import org.ebpf4j.spec.Reference;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Litmus tests: two threads run two programs over one map's value at the same moment, again and
/// again, and no round may end as the memory order of BPF forbids. `-Debpf4j.rounds=100000` is the
/// long form.
///
/// Each program goes through many cells in one run, so that the threads meet somewhere in between.
class MemoryOrderTest {
  private static final int ROUNDS = Integer.getInteger("ebpf4j.rounds", 100);
  private static final int CELLS = 256;
  private static final int REGION = CELLS * Long.BYTES;

  /// `R6` goes through the cells of each region; what stands for `BODY` happens at each.
  private static final String LOOP =
      """
      ld_pseudo r6, 2, 0, 0
      r7 = 0
      r8 = 0
      loop:
      BODY
      r7 += 1
      if r7 != 256 goto loop
      r0 = r8
      exit
      """;

  /// What is left of a round: the results of the two programs, and the cells.
  private record Outcome(long first, long second, ByteBuffer cells) {
    long cell(int region, int index) {
      return cells.getLong(region * REGION + index * Long.BYTES);
    }
  }

  @FunctionalInterface
  private interface Verdict {
    void check(Outcome outcome);
  }

  private static ProgramSpec program(String name, String body) {
    Bytecode code = Assembler.assemble(LOOP.replace("BODY", body.strip()));
    return new ProgramSpec(
        name,
        "syscall",
        ProgramKind.of(ProgramType.SYSCALL),
        code,
        List.of(new ProgramFunction(0, code.size(), name, 0, true)),
        List.of(new Reference.MapData(0, "cells", 0)),
        List.of(),
        List.of(),
        true);
  }

  private static void race(boolean verified, String bodyOne, String bodyTwo, Verdict verdict)
      throws Exception {
    CollectionSpec spec =
        CollectionSpec.of(
            List.of(MapSpec.of("cells", MapType.ARRAY, 4, 4 * REGION, 1)),
            List.of(program("first", bodyOne), program("second", bodyTwo)));
    ExecutorService other = Executors.newSingleThreadExecutor();
    try (JvmHost host = JvmHost.builder().cpus(2).build();
        LoadedCollection loaded =
            host.load(spec, LoadOptions.defaults().withUnverified(!verified));
        Runner one = loaded.program("first").runner();
        Runner two = loaded.program("second").runner()) {
      BpfMap cells = loaded.map("cells");
      byte[] key = new byte[4];
      for (int round = 0; round < ROUNDS; round++) {
        cells.update(key, new byte[4 * REGION]);
        AtomicInteger ready = new AtomicInteger();
        Future<Long> running = other.submit(() -> meet(ready, one));
        long second = meet(ready, two);
        long first = running.get();
        byte[] after = cells.lookup(key).orElseThrow();
        verdict.check(
            new Outcome(first, second, ByteBuffer.wrap(after).order(ByteOrder.nativeOrder())));
      }
    } finally {
      other.shutdown();
    }
  }

  private static long meet(AtomicInteger ready, Runner runner) {
    ready.incrementAndGet();
    while (ready.get() < 2) {
      Thread.onSpinWait();
    }
    return runner.run();
  }

  /// Each stores to its own cell and loads the other's. Atomics that fetch are full barriers: one
  /// of the two sees the other's store.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void fetchingAtomicsAreFullBarriers(boolean verified) throws Exception {
    String body =
        """
        r1 = 1
        r1 = xchg_64(r6 + %d, r1)
        r2 = *(u64 *)(r6 + %d)
        *(u64 *)(r6 + %d) = r2
        r6 += 8
        """;
    race(
        verified,
        body.formatted(0, REGION, 2 * REGION),
        body.formatted(REGION, 0, 3 * REGION),
        outcome -> {
          for (int i = 0; i < CELLS; i++) {
            assertThat(outcome.cell(2, i) | outcome.cell(3, i))
                .as("0 and 0 at cell %d: neither saw the other's store", i)
                .isNotZero();
          }
        });
  }

  /// One stores data and then, with release, a flag; who loads the flag with acquire sees the data.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsReleasedIsAcquired(boolean verified) throws Exception {
    race(
        verified,
        """
        r1 = r7
        r1 += 1
        *(u64 *)(r6 + 2048) = r1
        store_release((u64 *)(r6 + 0), r1)
        """,
        """
        r1 = load_acquire((u64 *)(r6 + 0))
        r2 = *(u64 *)(r6 + 2048)
        if r2 >= r1 goto +1
        r8 += 1
        """,
        outcome -> assertThat(outcome.second()).as("flags seen before their data").isZero());
  }

  /// Aligned words are stored and loaded as a whole.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void wordsDoNotTear(boolean verified) throws Exception {
    race(
        verified,
        """
        *(u64 *)(r6 + 0) = -1
        *(u64 *)(r6 + 0) = 0
        """,
        """
        r1 = *(u64 *)(r6 + 0)
        if r1 == 0 goto +2
        if r1 == -1 goto +1
        r8 += 1
        """,
        outcome -> assertThat(outcome.second()).as("words seen half stored").isZero());
  }

  /// Loads of one word see its values in their order.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void wordsAreCoherent(boolean verified) throws Exception {
    race(
        verified,
        "*(u64 *)(r6 + 0) = r7",
        """
        r1 = *(u64 *)(r6 + 0)
        r2 = *(u64 *)(r6 + 0)
        if r2 >= r1 goto +1
        r8 += 1
        """,
        outcome -> assertThat(outcome.second()).as("an older value seen after a newer").isZero());
  }

  /// Atomics without fetch lose nothing either.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void additionsAreNotLost(boolean verified) throws Exception {
    String body =
        """
        r1 = 1
        lock *(u64 *)(r6 + 0) += r1
        """;
    race(verified, body, body, outcome -> assertThat(outcome.cell(0, 0)).isEqualTo(2L * CELLS));
  }
}
