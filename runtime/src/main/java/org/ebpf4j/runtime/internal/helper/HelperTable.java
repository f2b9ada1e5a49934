package org.ebpf4j.runtime.internal.helper;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.Helpers;

/// The helpers that the JVM host has, by id. Each body is a constant of an enum, named as the
/// helper.
public final class HelperTable {
  private static final List<HelperBody[]> GROUPS =
      List.of(
          MapHelpers.values(),
          TimeHelpers.values(),
          TaskHelpers.values(),
          ProbeReadHelpers.values(),
          EventHelpers.values(),
          StringHelpers.values(),
          SequenceHelpers.values(),
          LoopHelpers.values(),
          TimerHelpers.values(),
          DynptrHelpers.values(),
          StackHelpers.values(),
          PerCpuHelpers.values(),
          PacketHelpers.values(),
          TunnelHelpers.values(),
          XdpHelpers.values(),
          ChecksumHelpers.values(),
          RedirectHelpers.values(),
          NetworkHelpers.values(),
          SocketHelpers.values(),
          MessageHelpers.values(),
          CgroupHelpers.values(),
          StorageHelpers.values(),
          TraceHelpers.values(),
          SysctlHelpers.values(),
          SocketOptionHelpers.values(),
          HeaderOptionHelpers.values(),
          HookHelpers.values(),
          CookieHelpers.values(),
          AbsentHelpers.values());

  private static final Map<Integer, HelperBody> BODIES = assemble();

  private HelperTable() {}

  /// Bodies by the id that call instructions carry.
  public static Map<Integer, HelperBody> all() {
    return BODIES;
  }

  /// Whether a helper asks for something that this host does not have, and says so as Linux does.
  public static boolean isOfAbsentThings(int id) {
    return BODIES.get(id) instanceof AbsentHelpers;
  }

  private static Map<Integer, HelperBody> assemble() {
    Map<Integer, HelperBody> bodies = new TreeMap<>();
    for (HelperBody[] group : GROUPS) {
      for (HelperBody body : group) {
        String name = ((Enum<?>) body).name().toLowerCase(Locale.ROOT);
        HelperPrototype prototype =
            Helpers.byName(name)
                .orElseThrow(() -> new IllegalStateException("there is no helper " + name));
        bodies.put(prototype.id(), body);
      }
    }
    return Collections.unmodifiableMap(bodies);
  }
}
