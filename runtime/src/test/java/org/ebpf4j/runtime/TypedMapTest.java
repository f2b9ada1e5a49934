package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Map;
import org.ebpf4j.BpfMap;
import org.ebpf4j.MapException;
import org.ebpf4j.TypedMap;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.value.Codecs;
import org.ebpf4j.value.Length;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Maps with keys and values of Java types.
class TypedMapTest {
  private final JvmHost host = JvmHost.builder().cpus(2).build();

  @AfterEach
  void close() {
    host.close();
  }

  private TypedMap<Short, Integer> map(MapType type) {
    return host.createMap(MapSpec.of("ports", type, 2, 4, 8)).typed(Codecs.U16, Codecs.U32);
  }

  @Test
  void elementsAreJavaValues() {
    TypedMap<Short, Integer> ports = map(MapType.HASH);
    ports.update((short) 80, 7);
    ports.update((short) 80, 8, BpfMap.EXIST);
    assertThat(ports.lookup((short) 80)).contains(8);
    assertThat(ports.lookup((short) 81)).isEmpty();
    assertThat(ports.entries()).containsExactly(Map.entry((short) 80, 8));
    assertThat(ports.lookupAndDelete((short) 80)).contains(8);
    assertThat(ports.delete((short) 80)).isFalse();
  }

  @Test
  void perCpuMapsHoldAValueForEachCpu() {
    TypedMap<Short, Integer> ports = map(MapType.PERCPU_HASH);
    ports.updateAllCpus((short) 80, List.of(7, 8));
    assertThat(ports.lookupAllCpus((short) 80)).contains(List.of(7, 8));
    assertThat(ports.entriesAllCpus()).containsExactly(Map.entry((short) 80, List.of(7, 8)));
    assertThatExceptionOfType(MapException.class)
        .isThrownBy(() -> ports.updateAllCpus((short) 80, List.of(7)))
        .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
  }

  /// The value of one CPU would be taken for all there is.
  @Test
  void theWrongMethodsSayWhichToUse() {
    TypedMap<Short, Integer> perCpu = map(MapType.PERCPU_HASH);
    for (Runnable wrong :
        List.<Runnable>of(
            () -> perCpu.lookup((short) 80),
            () -> perCpu.update((short) 80, 7),
            () -> perCpu.lookupAndDelete((short) 80),
            perCpu::entries)) {
      assertThatExceptionOfType(UnsupportedOperationException.class)
          .isThrownBy(wrong::run)
          .withMessageContaining("map ports holds a value for each CPU: use lookupAllCpus");
    }
    TypedMap<Short, Integer> plain = map(MapType.HASH);
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> plain.lookupAllCpus((short) 80))
        .withMessageContaining("map ports holds one value for all CPUs: use lookup");
  }

  @Test
  void sizesMustFit() {
    BpfMap ports = host.createMap(MapSpec.of("ports", MapType.HASH, 2, 4, 8));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ports.typed(Codecs.U32, Codecs.U32))
        .withMessage("map ports has keys of 2 bytes, the type given has 4");
  }

  public record Negative(@Length(-1) byte[] bytes) {}

  public record Empty(@Length(0) byte[] bytes) {}

  public record Huge(@Length(1 << 30) long[] numbers) {}

  public record Sum(@Length(1 << 30) byte[] one, @Length(1 << 30) byte[] other) {}

  /// They would be taken for something smaller, which others then write to.
  @Test
  void sizesThatNothingHasAreRefused() {
    for (Class<? extends Record> type : List.of(Negative.class, Empty.class)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Codecs.record(type))
          .withMessageContaining("1 or more elements");
    }
    for (Class<? extends Record> type : List.of(Huge.class, Sum.class)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Codecs.record(type))
          .withMessageContaining("more than 2 GiB");
    }
    assertThatIllegalArgumentException().isThrownBy(() -> Codecs.bytes(-1));
  }
}
