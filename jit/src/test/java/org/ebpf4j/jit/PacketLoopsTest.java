package org.ebpf4j.jit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.ebpf4j.BpfProgram;
import org.ebpf4j.LoadedCollection;
import org.ebpf4j.RunInput;
import org.ebpf4j.runtime.Engine;
import org.ebpf4j.runtime.JvmHost;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Loops over a packet, whose counter goes by 2 up to a number or to the packet's end.
class PacketLoopsTest {
  private static final int MOST_BYTES = 200;

  /// Adds up the packet's numbers of 16 bits; the test of the end is put in.
  private static final String SUM =
      """
        r2 = *(u32 *)(r1 + 4)
        r1 = *(u32 *)(r1 + 0)
        r0 = 0
        r3 = 0
      loop:
        r4 = r1
        r4 += r3
        r5 = r4
        r5 += 2
        if %s goto out
        r4 = *(u16 *)(r4 + 0)
        r0 += r4
        r3 += 2
        if w3 != 200 goto loop
      out:
        exit
      """;

  private static long sum(byte[] packet) {
    long sum = 0;
    for (int i = 0; i + 1 < Math.min(packet.length, MOST_BYTES); i += 2) {
      sum += (packet[i] & 0xff) | (packet[i + 1] & 0xff) << 8;
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(strings = {"r5 > r2", "r2 < r5"})
  void aLoopEndsAtThePacketsEndOrAtItsOwn(String atEnd) {
    Random random = new Random(7);
    try (JvmHost host = JvmHost.builder().cpus(1).engine(Engine.JIT).build();
        LoadedCollection loaded = host.load(Sources.xdp(SUM.formatted(atEnd)))) {
      BpfProgram program = loaded.program(Sources.NAME);
      // Often enough that HotSpot compiles it, in all its forms.
      for (int round = 0; round < 200; round++) {
        for (int length = 14; length < MOST_BYTES + 10; length++) {
          byte[] packet = new byte[length];
          random.nextBytes(packet);
          assertThat(program.run(RunInput.packet(packet)).returnValue())
              .as("%d bytes", length)
              .isEqualTo(sum(packet));
        }
      }
    }
  }
}
