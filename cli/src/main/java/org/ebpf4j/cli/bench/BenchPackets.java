package org.ebpf4j.cli.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.cli.output.CommandException;
import org.ebpf4j.net.capture.CaptureReader;
import org.ebpf4j.net.packet.PacketBuilder;

/// The packets that a program is measured on.
final class BenchPackets {
  /// Packets taken of a capture: more would only make a round longer.
  private static final int MOST = 64;

  /// Ethernet, IPv4 and UDP.
  private static final int HEADERS = 42;

  private static final int LARGEST = 65_535;

  private BenchPackets() {}

  /// The first packets of a capture, or one that is made; none for programs that take none.
  ///
  /// @param size bytes of the packet that is made
  static List<byte[]> of(ProgramType type, Optional<Path> capture, int size) {
    if (capture.isPresent()) {
      return read(capture.get());
    }
    return switch (type) {
      case XDP,
          SCHED_CLS,
          SCHED_ACT,
          SOCKET_FILTER,
          CGROUP_SKB,
          LWT_IN,
          LWT_OUT,
          LWT_XMIT,
          LWT_SEG6LOCAL,
          SK_SKB,
          FLOW_DISSECTOR ->
          List.of(made(size));
      default -> List.of();
    };
  }

  private static List<byte[]> read(Path capture) {
    List<byte[]> packets = new ArrayList<>();
    try (CaptureReader reader = CaptureReader.open(capture)) {
      while (packets.size() < MOST && reader.next()) {
        packets.add(reader.packet().toBytes());
      }
    }
    if (packets.isEmpty()) {
      throw new CommandException(capture + ": no packet in it to run on");
    }
    return packets;
  }

  private static byte[] made(int size) {
    if (size < HEADERS || size > LARGEST) {
      throw new CommandException("--size is %d to %d, not %d".formatted(HEADERS, LARGEST, size));
    }
    byte[] payload = new byte[size - HEADERS];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) i;
    }
    return PacketBuilder.ethernet("02:00:00:00:00:01", "02:00:00:00:00:02")
        .ipv4("192.0.2.1", "198.51.100.1")
        .udp(40_000, 53)
        .payload(payload)
        .build();
  }
}
