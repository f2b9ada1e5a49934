package org.ebpf4j.linux.internal.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.ebpf4j.linux.internal.object.KernelRelease;
import org.jspecify.annotations.Nullable;

/// What the running kernel was configured with: lines such as `CONFIG_HZ=250`.
public final class KernelConfig {
  private @Nullable Map<String, String> values;

  /// The text behind the `=`, with its quotes; empty if the option is not set, or no one knows.
  public Optional<String> value(String name) {
    return Optional.ofNullable(values().get(name));
  }

  /// Whether the configuration is there to be read.
  public boolean known() {
    return !values().isEmpty();
  }

  private synchronized Map<String, String> values() {
    Map<String, String> known = values;
    if (known == null) {
      known = read();
      values = known;
    }
    return known;
  }

  private static Map<String, String> read() {
    List<Path> places =
        List.of(
            Path.of("/proc/config.gz"), Path.of("/boot/config-" + KernelRelease.running().name()));
    for (Path place : places) {
      if (Files.isReadable(place)) {
        try (InputStream file = Files.newInputStream(place);
            InputStream bytes =
                place.toString().endsWith(".gz") ? new GZIPInputStream(file) : file) {
          return parse(bytes);
        } catch (IOException e) {
          // As good as absent: what follows may be readable, and externs without a value say so.
        }
      }
    }
    return Map.of();
  }

  private static Map<String, String> parse(InputStream bytes) throws IOException {
    Map<String, String> values = new HashMap<>();
    BufferedReader lines = new BufferedReader(new InputStreamReader(bytes, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      int equals = line.indexOf('=');
      if (line.startsWith("CONFIG_") && equals > 0) {
        values.put(line.substring(0, equals), line.substring(equals + 1).strip());
      }
    }
    return values;
  }
}
