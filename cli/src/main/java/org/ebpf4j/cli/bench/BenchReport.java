package org.ebpf4j.cli.bench;

import java.util.List;
import org.ebpf4j.spec.ProgramSpec;

/// What `ebpf bench` found out.
///
/// @param object the object file
/// @param packets what it ran on; empty where the type takes none
/// @param rows a row for each setting
/// @param notes what was left out, and why
record BenchReport(
    String object,
    ProgramSpec program,
    List<byte[]> packets,
    List<BenchRow> rows,
    List<String> notes) {

  /// The mean length of the packets.
  double meanLength() {
    return packets.stream().mapToInt(packet -> packet.length).average().orElse(0);
  }

  /// The program and what it ran on, in a line.
  String title() {
    String what = "%s, program %s".formatted(object, program.name());
    return switch (packets.size()) {
      case 0 -> what;
      case 1 -> what + ": a packet of %d bytes".formatted(packets.getFirst().length);
      default -> what + ": %d packets of %.0f bytes".formatted(packets.size(), meanLength());
    };
  }
}
