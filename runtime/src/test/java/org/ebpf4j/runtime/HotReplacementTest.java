package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.ebpf4j.BpfMap;
import org.ebpf4j.Link;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.Runner;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.value.Codecs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Collections that come and go while an application works with them.
@Timeout(120)
class HotReplacementTest {
  /// What an application hands to its programs.
  public record Event(long number) {}

  private static final ProgramTypeDefinition<Event> EVENT =
      ProgramTypeDefinition.of("event", Event.class);

  private static final MapSpec COUNT = MapSpec.of("count", MapType.ARRAY, 4, 8, 1);

  private static final CollectionSpec COUNTS =
      CollectionSpec.of(
          List.of(COUNT),
          List.of(
              Programs.program(
                  "test",
                  "event",
                  """
                  *(u32 *)(r10 - 4) = 0
                  r2 = r10
                  r2 += -4
                  ld_pseudo r1, 1, 0
                  call 1
                  if r0 == 0 goto out
                  r1 = 1
                  lock *(u64 *)(r0 + 0) += r1
                  out: r0 = 7
                  exit
                  """,
                  List.of(COUNT))));

  /// Threads fire as fast as they can, while programs are replaced and closed at once: each event
  /// meets one program, and counts once.
  @Test
  void noEventIsLostWhileProgramsAreReplaced() throws Exception {
    try (JvmHost host = JvmHost.builder().programType(EVENT).build();
        BpfMap count = host.createMap(COUNT);
        ExecutorService executor = Executors.newFixedThreadPool(3)) {
      LoadOptions shared = LoadOptions.defaults().withMap("count", count);
      Hook<Event> hook = host.hook(EVENT);
      LoadedCollection now = host.load(COUNTS, shared);
      Link link = hook.attach(now.program("test"));
      AtomicBoolean stopped = new AtomicBoolean();
      List<Future<Long>> threads = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        threads.add(
            executor.submit(() -> {
              long fired = 0;
              while (!stopped.get()) {
                assertThat(hook.fire(new Event(fired), -1)).isEqualTo(7);
                fired++;
              }
              return fired;
            }));
      }
      for (int i = 0; i < 200; i++) {
        LoadedCollection next = host.load(COUNTS, shared);
        link.replace(next.program("test"));
        now.close();
        now = next;
      }
      stopped.set(true);
      long fired = 0;
      for (Future<Long> thread : threads) {
        fired += thread.get();
      }
      assertThat(count.typed(Codecs.U32, Codecs.U64).lookup(0)).contains(fired);
    }
  }

  /// A packet is on its way to a slow reader while all is closed: closing does not fail for that,
  /// nor does whatever else gives memory back, and the packet arrives as it was.
  @Test
  void memoryThatAChannelWritesOutEndsLater() throws Exception {
    Pipe pipe = Pipe.open();
    CollectionSpec spec = Programs.collection("memory", "r0 = 0\nexit");
    try (JvmHost host = JvmHost.builder().memoryProgramType("memory").build();
        ExecutorService executor = Executors.newSingleThreadExecutor()) {
      LoadedCollection loaded = host.load(spec, Programs.UNVERIFIED);
      Runner runner = loaded.program("test").runner();
      MemorySegment packet = runner.packetBuffer(200_000);
      packet.fill((byte) 5);
      ByteBuffer bytes = packet.asByteBuffer();
      Future<Integer> written = executor.submit(() -> pipe.sink().write(bytes));
      ByteBuffer seen = ByteBuffer.allocate(1);
      pipe.source().read(seen);
      runner.close();
      loaded.close();
      host.load(spec, Programs.UNVERIFIED).close();
      ByteBuffer rest = ByteBuffer.allocate(200_000);
      while (rest.position() < 199_999) {
        pipe.source().read(rest);
      }
      assertThat(written.get()).isEqualTo(200_000);
      assertThat(rest.array()).startsWith(5, 5, 5).hasSize(200_000);
      assertThat(rest.get(199_998)).isEqualTo((byte) 5);
      host.load(spec, Programs.UNVERIFIED).program("test").runner().close();
      assertThatThrownBy(() -> packet.fill((byte) 6)).isInstanceOf(IllegalStateException.class);
    }
  }
}
