package org.ebpf4j.linux.internal.object;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.ebpf4j.LoadException;
import org.ebpf4j.error.Errno;

/// Addresses of kernel symbols, from `/proc/kallsyms`: lines of address, kind and name.
public final class KernelSymbols {
  private static final Path KALLSYMS = Path.of("/proc/kallsyms");

  private KernelSymbols() {}

  private interface Symbol {
    void met(long address, String name);
  }

  /// The addresses of those of `names` that there are.
  public static Map<String, Long> find(Set<String> names) {
    Map<String, Long> found = new HashMap<>();
    each(
        () -> found.size() < names.size(),
        (address, name) -> {
          if (names.contains(name)) {
            found.putIfAbsent(name, address);
          }
        });
    return found;
  }

  /// The names of what is at these addresses, as far as that is known.
  public static Map<Long, String> at(Set<Long> addresses) {
    Map<Long, String> found = new HashMap<>();
    each(
        () -> found.size() < addresses.size(),
        (address, name) -> {
          if (addresses.contains(address)) {
            found.putIfAbsent(address, name);
          }
        });
    return found;
  }

  private static void each(BooleanSupplier more, Symbol action) {
    try (BufferedReader lines = Files.newBufferedReader(KALLSYMS)) {
      String line = lines.readLine();
      for (; line != null && more.getAsBoolean(); line = lines.readLine()) {
        String[] parts = line.split("[ \t]", 4);
        if (parts.length >= 3) {
          action.met(Long.parseUnsignedLong(parts[0], 16), parts[2]);
        }
      }
    } catch (IOException e) {
      throw new LoadException(
          "kernel symbols", Errno.EIO, KALLSYMS + " cannot be read: " + e.getMessage());
    }
  }
}
