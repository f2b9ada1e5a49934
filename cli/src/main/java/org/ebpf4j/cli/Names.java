package org.ebpf4j.cli;

import java.util.Locale;

/// The names of the tables' constants as bpftool prints them: `lru_percpu_hash`.
final class Names {
  private Names() {}

  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
