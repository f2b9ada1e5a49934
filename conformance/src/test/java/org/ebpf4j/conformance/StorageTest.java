package org.ebpf4j.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.ebpf4j.BpfMap;
import org.ebpf4j.Host;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.ebpf4j.runtime.Limits;
import org.ebpf4j.spec.CollectionReader;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.value.Codecs;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Objects that the values of tasks point to are freed with the values. Each test leaves more bytes
/// of objects behind than the JVM host may have at once.
class StorageTest {
  private static final long BYTES = 4L << 20;

  /// So many objects of 2,008 bytes take 1.5 times [#BYTES].
  private static final int ROUNDS = 3_200;

  private static final CollectionSpec SPEC =
      CollectionReader.read(Path.of("src/test/resources/behaviour/storage.bpf.o"));

  private static final byte[] ZEROS = new byte[16];

  static Stream<Named<Supplier<Host>>> hosts() {
    return Stream.of(
        Named.of("linux", LinuxHosts::open),
        Named.of("jvm, interpreter", () -> jvm(Engine.INTERPRETER)),
        Named.of("jvm, compiler", () -> jvm(Engine.JIT)));
  }

  private static Host jvm(Engine engine) {
    return JvmHost.builder()
        .cpus(2)
        .poisonFreedMemory(true)
        .engine(engine)
        .limits(Limits.defaults().withMapBytes(BYTES))
        .build();
  }

  private static LoadedCollection load(Host host) {
    return host.load(
        SPEC,
        LoadOptions.defaults().withProgram("object_is_left").withProgram("storage_is_forgotten"));
  }

  private static void run(LoadedCollection loaded, String program) {
    assertThat((int) loaded.program(program).run(RunInput.packet(Packets.udp())).returnValue())
        .as("the line in storage.bpf.c whose check failed")
        .isZero();
  }

  @ParameterizedTest
  @MethodSource("hosts")
  void objectsGoWhenAProgramDeletesTheValue(Supplier<Host> hosts) {
    try (Host host = hosts.get();
        LoadedCollection loaded = load(host)) {
      for (int i = 0; i < ROUNDS; i++) {
        run(loaded, "object_is_left");
        run(loaded, "storage_is_forgotten");
      }
    }
  }

  @Test
  void objectsGoWhenAUserDeletesTheValue() {
    try (Host host = jvm(Engine.AUTO);
        LoadedCollection loaded = load(host)) {
      BpfMap values = loaded.map("of_tasks");
      for (int i = 0; i < ROUNDS; i++) {
        run(loaded, "object_is_left");
        values.delete(owner(loaded));
        assertThat(values.lookup(owner(loaded))).isEmpty();
      }
    }
  }

  @Test
  void objectsGoWhenAUserReplacesTheValue() {
    try (Host host = jvm(Engine.AUTO);
        LoadedCollection loaded = load(host)) {
      BpfMap values = loaded.map("of_tasks");
      for (int i = 0; i < ROUNDS; i++) {
        run(loaded, "object_is_left");
        values.update(owner(loaded), ZEROS);
        values.update(owner(loaded), ZEROS, BpfMap.LOCK);
        assertThat(values.lookup(owner(loaded), BpfMap.LOCK)).contains(ZEROS);
      }
    }
  }

  /// The JVM host takes the number of a thread, Linux a descriptor of one.
  private static byte[] owner(LoadedCollection loaded) {
    int thread = (int) (long) loaded.variable("thread").get(Codecs.U32);
    return ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(thread).array();
  }
}
