package org.ebpf4j.runtime.internal.helper;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// The kernel functions (kfuncs) that the JVM host has, by name. Each body is a constant of an
/// enum, named as the function.
public final class KernelFunctionTable {
  private static final HelperBody[][] GROUPS = {
    IteratorFunctions.values(),
    DynptrFunctions.values(),
    ObjectFunctions.values(),
    CpuMaskFunctions.values(),
    LockFunctions.values(),
    TextFunctions.values(),
    WorkFunctions.values(),
    ArenaFunctions.values(),
    CryptoFunctions.values(),
    ConnectionFunctions.values(),
    SocketFunctions.values(),
    SystemFunctions.values(),
    TransformFunctions.values(),
  };

  private static final Map<String, HelperBody> BODIES = assemble();

  private KernelFunctionTable() {}

  /// Bodies by the function's name in Linux, such as `bpf_iter_num_new`.
  public static Map<String, HelperBody> all() {
    return BODIES;
  }

  private static Map<String, HelperBody> assemble() {
    Map<String, HelperBody> bodies = new TreeMap<>();
    for (HelperBody[] group : GROUPS) {
      for (HelperBody body : group) {
        bodies.put(((Enum<?>) body).name().toLowerCase(Locale.ROOT), body);
      }
    }
    return Collections.unmodifiableMap(bodies);
  }
}
