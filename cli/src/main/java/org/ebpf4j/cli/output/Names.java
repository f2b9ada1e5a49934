package org.ebpf4j.cli.output;

import java.util.Locale;

/// The names of the tables' constants as bpftool prints them: `lru_percpu_hash`.
public final class Names {
  private Names() {}

  public static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
