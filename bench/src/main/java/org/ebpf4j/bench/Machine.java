package org.ebpf4j.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// The machine that figures come from.
///
/// @param processor its name where Linux says it, else the architecture
/// @param cpus how many the JVM may use
/// @param load the mean number of threads that wanted a CPU in the last minute, this JVM's included
/// @param system the operating system
/// @param java the JVM
record Machine(String processor, int cpus, double load, String system, String java) {

  static Machine here() {
    return new Machine(
        processorName(),
        Runtime.getRuntime().availableProcessors(),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
  }

  private static String processorName() {
    Path file = Path.of("/proc/cpuinfo");
    String architecture = System.getProperty("os.arch");
    if (!Files.isReadable(file)) {
      return architecture;
    }
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(architecture);
    } catch (IOException e) {
      return architecture;
    }
  }

  String describe() {
    return "%s, %d CPUs, %s, %s; load average %s"
        .formatted(processor, cpus, system, java, String.format(Locale.ROOT, "%.1f", load));
  }
}
