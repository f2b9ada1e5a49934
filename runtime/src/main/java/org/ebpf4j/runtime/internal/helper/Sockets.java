package org.ebpf4j.runtime.internal.helper;

import org.ebpf4j.ProgramFault;
import org.ebpf4j.runtime.internal.context.LinuxContext;
import org.ebpf4j.runtime.internal.map.SocketStore;
import org.ebpf4j.runtime.internal.run.Fault;
import org.ebpf4j.runtime.internal.run.Run;

/// Sockets that a program holds by address: those it looked up, those in maps, and that which it is
/// called about.
final class Sockets {
  private Sockets() {}

  /// Whether a socket begins at an address: one that was looked up, of a map, or of the context.
  static boolean isSocket(Run run, long address) {
    return run.resources().find(address, SocketRecord.class) != null
        || (run.context() instanceof LinuxContext context && context.isSocket(address))
        || (run.fieldHolder(address) instanceof SocketStore store && store.isSocket(address));
  }

  /// The address again, at which a whole `SocketStruct` lies.
  ///
  /// @throws Fault if none does
  static long check(Run run, long address) {
    if (!isSocket(run, address)) {
      throw new Fault(
          ProgramFault.Kind.CALL,
          address,
          "0x%x is no socket that this run was given".formatted(address));
    }
    return address;
  }
}
