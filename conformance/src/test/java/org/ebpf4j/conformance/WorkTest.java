package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.ebpf4j.GlobalVariable;
import org.ebpf4j.Host;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.value.Codecs;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Work queues (`bpf_wq`): a callback runs after the program that started it, by no caller of ours.
class WorkTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final CollectionSpec SPEC =
      CollectionReader.read(Path.of("src/test/resources/behaviour/work.bpf.o"));

  static Stream<Named<Supplier<Host>>> hosts() {
    return Stream.of(
        Named.of("linux", LinuxHosts::open),
        Named.of("jvm, interpreter", () -> jvm(Engine.INTERPRETER)),
        Named.of("jvm, compiler", () -> jvm(Engine.JIT)));
  }

  private static Host jvm(Engine engine) {
    return JvmHost.builder().cpus(2).poisonFreedMemory(true).engine(engine).build();
  }

  private static long run(LoadedCollection loaded, String program) {
    return loaded.program(program).run(RunInput.packet(Packets.udp())).returnValue();
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void workIsDoneOnceForEachStart(Supplier<Host> hosts) throws InterruptedException {
    try (Host host = hosts.get();
        LoadedCollection loaded = host.load(SPEC, LoadOptions.defaults().withProgram("started"))) {
      assertThat(run(loaded, "started")).as("the line whose check failed").isZero();
      GlobalVariable done = loaded.variable("done");
      Instant end = Instant.now().plus(PATIENCE);
      while (done.get(Codecs.U64) == 0 && Instant.now().isBefore(end)) {
        Thread.sleep(1);
      }
      assertThat(done.get(Codecs.U64)).isEqualTo(1);
      assertThat(loaded.variable("last").get(Codecs.U32)).as("the key").isEqualTo(2);
      byte[] job = loaded.map("jobs").lookup(key(2)).orElseThrow();
      assertThat(ByteBuffer.wrap(job).order(ByteOrder.nativeOrder()).getLong()).isEqualTo(1);
    }
  }

  private static byte[] key(int index) {
    return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(index).array();
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void workThatIsNotSetUpIsRefused(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded =
            host.load(SPEC, LoadOptions.defaults().withProgram("not_set_up"))) {
      assertThat(run(loaded, "not_set_up")).as("the line whose check failed").isZero();
      assertThat(loaded.variable("done").get(Codecs.U64)).isZero();
    }
  }
}
