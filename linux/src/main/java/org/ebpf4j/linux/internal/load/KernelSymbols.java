package org.ebpf4j.linux.internal.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.ebpf4j.LoadException;
import org.ebpf4j.error.Errno;

/// Addresses of kernel symbols, from `/proc/kallsyms`: lines of address, kind and name.
final class KernelSymbols {
  private static final Path KALLSYMS = Path.of("/proc/kallsyms");

  private KernelSymbols() {}

  /// The addresses of those of `names` that there are.
  static Map<String, Long> find(Set<String> names) {
    Map<String, Long> found = new HashMap<>();
    try (BufferedReader lines = Files.newBufferedReader(KALLSYMS)) {
      String line = lines.readLine();
      for (; line != null && found.size() < names.size(); line = lines.readLine()) {
        String[] parts = line.split("[ \t]", 4);
        if (parts.length >= 3 && names.contains(parts[2])) {
          found.putIfAbsent(parts[2], Long.parseUnsignedLong(parts[0], 16));
        }
      }
    } catch (IOException e) {
      throw new LoadException(
          "kernel symbols", Errno.EIO, KALLSYMS + " cannot be read: " + e.getMessage());
    }
    return found;
  }
}
