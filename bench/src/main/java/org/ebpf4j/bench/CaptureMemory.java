package org.ebpf4j.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.ebpf4j.net.capture.CaptureReader;
import org.ebpf4j.net.capture.CaptureWriter;
import org.ebpf4j.net.capture.LinkType;

/// Runs the command on captures of 0.1, 1 and 10 million packets, and records the most memory that
/// its process ever had. Linux alone tells (`/proc/PID/status`, proc_pid_status(5)).
final class CaptureMemory {
  /// The JVM option that bounds what could grow with the capture.
  static final String HEAP = "-Xmx64m";

  private static final List<Long> SIZES = List.of(100_000L, 1_000_000L, 10_000_000L);

  private static final long POLL_MILLIS = 50;

  private CaptureMemory() {}

  /// What one run took.
  ///
  /// @param packets in the capture
  /// @param captureBytes the capture's size
  /// @param peakKilobytes the most that was resident at one moment (VmHWM), as last seen before the
  ///   end
  /// @param seconds from start to end
  record Peak(long packets, long captureBytes, long peakKilobytes, long seconds) {}

  /// Measures all sizes.
  ///
  /// @param command the jar of the command
  static List<Peak> measure(Path command) throws IOException, InterruptedException {
    List<Peak> peaks = new ArrayList<>();
    Path folder = Files.createTempDirectory("ebpf4j-bench-");
    Path capture = folder.resolve("long.pcap");
    Path output = folder.resolve("summary.json");
    try {
      for (long packets : SIZES) {
        write(capture, packets);
        Peak peak = run(command, capture, output, packets);
        System.out.println(peak);
        peaks.add(peak);
      }
    } finally {
      Files.deleteIfExists(capture);
      Files.deleteIfExists(output);
      Files.delete(folder);
    }
    return peaks;
  }

  /// Writes a capture of so many packets, those of the firewall's capture over and over.
  private static void write(Path target, long packets) {
    List<byte[]> frames = new ArrayList<>();
    List<Long> times = new ArrayList<>();
    try (CaptureReader reader = CaptureReader.open(Example.FIREWALL.capture())) {
      while (reader.next()) {
        frames.add(reader.packet().toBytes());
        times.add(reader.packet().timestampNanos());
      }
    }
    try (CaptureWriter writer = CaptureWriter.create(target, LinkType.ETHERNET)) {
      for (long i = 0; i < packets; i++) {
        int which = (int) (i % frames.size());
        writer.write(frames.get(which), times.get(which));
      }
      writer.commit();
    }
  }

  private static Peak run(Path command, Path capture, Path output, long packets)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                HEAP,
                "-XX:+UseSerialGC",
                "-jar",
                command.toString(),
                "run",
                Example.FIREWALL.object().toString(),
                "--pcap",
                capture.toString(),
                "--json")
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long peak = 0;
    do {
      peak = Math.max(peak, highWaterMark(process.pid()));
    } while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS));
    if (process.exitValue() != 0) {
      throw new IOException("ebpf run ended with exit code " + process.exitValue());
    }
    long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
    return new Peak(packets, Files.size(capture), peak, seconds);
  }

  /// Kilobytes, 0 where the process has just ended.
  private static long highWaterMark(long pid) throws IOException {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (NoSuchFileException ended) {
      return 0;
    }
  }
}
