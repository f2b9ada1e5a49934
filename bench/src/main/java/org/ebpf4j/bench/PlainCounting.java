package org.ebpf4j.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/// The yardstick for [ProgramScaling]: what `bench/programs/parser.bpf.c` does with a packet of
/// IPv4, in plain Java with arrays that belong to the thread.
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class PlainCounting {
  private static final int ETHERNET_TYPE = 12;
  private static final int IPV4 = 0x0008;
  private static final int PROTOCOL = 23;
  private static final int UDP = 17;
  private static final int LENGTH_SHIFT = 7;
  private static final int LENGTHS = 16;

  private final MemorySegment packet = Arena.ofAuto().allocate(106, 8);
  private final long[] protocolPackets = new long[256];
  private final long[] protocolBytes = new long[256];
  private final long[] lengthPackets = new long[LENGTHS];
  private final long[] lengthBytes = new long[LENGTHS];

  /// A packet of UDP.
  public PlainCounting() {
    packet.set(ValueLayout.JAVA_SHORT_UNALIGNED, ETHERNET_TYPE, (short) IPV4);
    packet.set(ValueLayout.JAVA_BYTE, PROTOCOL, (byte) UDP);
  }

  /// Parses and counts.
  @Benchmark
  public int count() {
    long bytes = packet.byteSize();
    if (packet.get(ValueLayout.JAVA_SHORT_UNALIGNED, ETHERNET_TYPE) != IPV4) {
      return 0;
    }
    int protocol = packet.get(ValueLayout.JAVA_BYTE, PROTOCOL) & 0xff;
    protocolPackets[protocol]++;
    protocolBytes[protocol] += bytes;
    int length = (int) (bytes >> LENGTH_SHIFT) & (LENGTHS - 1);
    lengthPackets[length]++;
    lengthBytes[length] += bytes;
    return protocol;
  }
}
