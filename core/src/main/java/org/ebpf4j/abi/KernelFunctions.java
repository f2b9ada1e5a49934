package org.ebpf4j.abi;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Kernel functions (kfuncs) that hosts other than Linux may have, from the table
/// `kernel-functions.tsv`. Their prototypes are written as those of helpers, with number 0; Linux
/// itself describes its kernel functions by BTF.
public final class KernelFunctions {
  private static final Map<String, HelperPrototype> BY_NAME = load();

  private KernelFunctions() {}

  /// The function of this name, such as `bpf_iter_num_new`.
  public static Optional<HelperPrototype> byName(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /// All functions by name.
  public static Map<String, HelperPrototype> all() {
    return Collections.unmodifiableMap(BY_NAME);
  }

  private static Map<String, HelperPrototype> load() {
    Map<String, HelperPrototype> functions = new TreeMap<>();
    for (Table.Row row : Table.load("kernel-functions.tsv").rows()) {
      HelperPrototype function = Helpers.prototype(row);
      functions.put(function.name(), function);
    }
    return functions;
  }
}
