package org.ebpf4j.verifier.internal.rules;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.abi.AttachType;
import org.ebpf4j.abi.ProgramType;

/// Which helpers programs of a type may call, from the table `helper-availability.tsv`.
final class HelperAvailability {
  private static final String FILE = "helper-availability.tsv";
  private static final String ANY = "*";
  private static final Map<String, Set<String>> BY_TYPE_AND_HOOK = load();
  private static final Set<String> COMMON = rowOf("ALL", ANY);

  private HelperAvailability() {}

  static boolean allows(ProgramType type, Optional<AttachType> hook, String helper) {
    if (COMMON.contains(helper)) {
      return true;
    }
    Set<String> row = hook.map(h -> rowOf(type.name(), h.name())).orElse(Set.of());
    return (row.isEmpty() ? rowOf(type.name(), ANY) : row).contains(helper);
  }

  private static Set<String> rowOf(String type, String hook) {
    return BY_TYPE_AND_HOOK.getOrDefault(type + " " + hook, Set.of());
  }

  private static Map<String, Set<String>> load() {
    Map<String, Set<String>> rows = new HashMap<>();
    for (String line : text().split("\n", -1)) {
      if (!line.isBlank() && !line.startsWith("#")) {
        String[] cells = line.split("\t", -1);
        rows.put(cells[0] + " " + cells[1], Set.of(cells[2].trim().split(" ", -1)));
      }
    }
    return rows;
  }

  private static String text() {
    try (InputStream stream = HelperAvailability.class.getResourceAsStream(FILE)) {
      if (stream == null) {
        throw new IllegalStateException("table " + FILE + " is missing");
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("table " + FILE + " cannot be read", e);
    }
  }
}
