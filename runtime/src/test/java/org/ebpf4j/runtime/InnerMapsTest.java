package org.ebpf4j.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.ebpf4j.BpfMap;
import org.ebpf4j.LoadOptions;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.spec.CollectionSpec;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.spec.ProgramSpec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A program finds maps in a map that no instruction of it names.
class InnerMapsTest {
  private static final MapSpec INNER = MapSpec.of("inner", MapType.ARRAY, 4, 8, 1);

  /// Adds 1 to the counter of the inner map, twice, and gives 2 for each time that it was there.
  private static final String TEXT =
      """
      r6 = 0
      r7 = 2
      again:
      *(u32 *)(r10 - 4) = 0
      ld_pseudo r1, 1, 0
      r2 = r10
      r2 += -4
      call 1
      if r0 == 0 goto next
      r1 = r0
      r2 = r10
      r2 += -4
      call 1
      if r0 == 0 goto next
      r1 = *(u64 *)(r0 + 0)
      r1 += 1
      *(u64 *)(r0 + 0) = r1
      r6 += 2
      next:
      r7 += -1
      if r7 != 0 goto again
      r0 = r6
      exit
      """;

  @ParameterizedTest
  @CsvSource({"ARRAY_OF_MAPS, false", "ARRAY_OF_MAPS, true", "HASH_OF_MAPS, false"})
  void programsUseTheMapsThatTheyFind(MapType type, boolean unverified) {
    MapSpec outer = MapSpec.of("outer", type, 4, 4, 1).withInner(INNER);
    CollectionSpec spec = CollectionSpec.of(List.of(outer), List.of(program(outer)));
    try (JvmHost host = JvmHost.builder().build();
        LoadedCollection loaded =
            host.load(spec, LoadOptions.defaults().withUnverified(unverified));
        BpfMap first = host.createMap(INNER);
        BpfMap second = host.createMap(INNER)) {
      assertThat(run(loaded)).isZero();

      loaded.map("outer").putMap(new byte[4], first);
      assertThat(run(loaded)).isEqualTo(4);
      loaded.map("outer").putMap(new byte[4], second);
      assertThat(run(loaded)).isEqualTo(4);
      assertThat(run(loaded)).isEqualTo(4);

      assertThat(counter(first)).isEqualTo(2);
      assertThat(counter(second)).isEqualTo(4);
    }
  }

  private static ProgramSpec program(MapSpec outer) {
    ProgramSpec text = Programs.program("test", "xdp", TEXT, List.of(outer));
    return new ProgramSpec(
        text.name(),
        text.section(),
        ProgramSpec.ProgramKind.of(ProgramType.XDP),
        text.bytecode(),
        text.functions(),
        text.references(),
        List.of(),
        List.of(),
        true);
  }

  private static long run(LoadedCollection loaded) {
    return loaded.program("test").run(RunInput.packet(new byte[64])).returnValue();
  }

  private static long counter(BpfMap map) {
    byte[] value = map.lookup(new byte[4]).orElseThrow();
    return ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getLong();
  }
}
