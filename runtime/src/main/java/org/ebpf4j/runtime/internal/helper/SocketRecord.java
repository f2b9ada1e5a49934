package org.ebpf4j.runtime.internal.helper;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import org.ebpf4j.error.Errno;
import org.ebpf4j.runtime.IpAddress;
import org.ebpf4j.runtime.Network;
import org.ebpf4j.runtime.internal.map.SocketRegion;
import org.ebpf4j.runtime.internal.map.SocketStruct;
import org.ebpf4j.runtime.internal.memory.Memory;
import org.ebpf4j.runtime.internal.run.Held;
import org.ebpf4j.runtime.internal.run.Run;

/// A socket that a program looked up: a `struct bpf_sock` to read, until the program releases it or
/// the run ends.
///
/// Source: `__bpf_sk_lookup` in `net/core/filter.c`.
final class SocketRecord extends SocketRegion implements Held {
  static final int TCP = 6;
  static final int UDP = 17;

  private static final int TUPLE4 = 12;
  private static final int TUPLE6 = 36;

  /// Freed once this object is gone, which a run keeps as long as the program may use the address.
  @SuppressWarnings("unused") // kept for that
  private final MemorySegment memory;

  private SocketRecord(MemorySegment memory, Network.Socket socket) {
    super(memory.address());
    this.memory = memory;
    SocketStruct.write(address(), socket);
  }

  /// The address of the socket that a packet with this tuple belongs to, or 0.
  ///
  /// @param tuple address of source and destination address and port as in the packet
  /// @param size bytes of the tuple, which tell the IP version
  static long lookup(Run run, int protocol, long tuple, int size, long flags) {
    if (flags != 0 || (size != TUPLE4 && size != TUPLE6)) {
      return 0;
    }
    int addressSize = size == TUPLE4 ? 4 : 16;
    long ports = tuple + 2L * addressSize;
    Optional<Network.Socket> socket =
        run.environment()
            .network()
            .socket(
                protocol,
                IpAddress.of(Memory.bytes(tuple + addressSize, addressSize)),
                Short.reverseBytes(Memory.getShort(ports + 2)) & 0xffff,
                IpAddress.of(Memory.bytes(tuple, addressSize)),
                Short.reverseBytes(Memory.getShort(ports)) & 0xffff);
    if (socket.isEmpty()) {
      return 0;
    }
    SocketRecord found =
        new SocketRecord(Arena.ofAuto().allocate(SocketStruct.BYTES, Long.BYTES), socket.get());
    run.resources().hold(found);
    run.resources().remember(found);
    return found.address();
  }

  /// Ends the program's hold; 0 or a negated errno.
  static int release(Run run, long address) {
    SocketRecord socket = run.resources().find(address, SocketRecord.class);
    if (socket == null) {
      // Sockets in maps stay there.
      return Sockets.isSocket(run, address) ? 0 : Errno.EINVAL.negated();
    }
    run.resources().drop(socket);
    run.resources().forget(socket);
    return 0;
  }

  @Override
  public void release(Run run) {
    // The environment's socket goes on; the record's memory goes with this object.
  }
}
