package org.ebpf4j.runtime.internal.map;

import org.ebpf4j.runtime.IpAddress;
import org.ebpf4j.runtime.Network;
import org.ebpf4j.runtime.internal.memory.Memory;

/// `struct bpf_sock` as programs read it, and behind it, out of their reach, the socket's cookie:
///
///     0    … 80   struct bpf_sock
///     80   u64    cookie
///
/// Source: `struct bpf_sock` in Linux 6.18's `include/uapi/linux/bpf.h`.
public final class SocketStruct {
  /// What programs see.
  public static final int VISIBLE = 80;

  /// All of it.
  public static final int BYTES = 88;

  /// `TCP_LISTEN`.
  public static final int LISTEN = 10;

  // Offsets.
  public static final int FAMILY = 4;
  public static final int PROTOCOL = 12;
  public static final int STATE = 72;
  public static final int TYPE = 8;
  public static final int SOURCE_IP4 = 24;
  public static final int SOURCE_IP6 = 28;
  public static final int SOURCE_PORT = 44;
  public static final int DESTINATION_IP4 = 52;
  public static final int DESTINATION_IP6 = 56;
  private static final int MARK = 16;
  private static final int DESTINATION_PORT = 48;
  private static final int COOKIE = 80;

  private static final int TCP = 6;
  private static final int STREAM = 1;
  private static final int DATAGRAM = 2;
  private static final int INET = 2;
  private static final int INET6 = 10;

  private SocketStruct() {}

  /// The cookie of a socket.
  public static long cookie(long address) {
    return Memory.getLong(address + COOKIE);
  }

  /// Writes a socket of which nothing but its cookie is known.
  public static void write(long address, long cookie) {
    Memory.fill(address, VISIBLE, (byte) 0);
    Memory.putLong(address + COOKIE, cookie);
  }

  /// Writes a socket.
  public static void write(long address, Network.Socket socket) {
    write(address, socket.cookie());
    boolean ipv4 = socket.local().version() == 4;
    Memory.putInt(address + FAMILY, ipv4 ? INET : INET6);
    Memory.putInt(address + TYPE, socket.protocol() == TCP ? STREAM : DATAGRAM);
    Memory.putInt(address + PROTOCOL, socket.protocol());
    Memory.putInt(address + MARK, socket.mark());
    storeAddress(address + (ipv4 ? SOURCE_IP4 : SOURCE_IP6), socket.local());
    Memory.putInt(address + SOURCE_PORT, socket.localPort());
    Memory.putShort(address + DESTINATION_PORT, Short.reverseBytes((short) socket.remotePort()));
    if (socket.remote().isPresent()) {
      storeAddress(address + (ipv4 ? DESTINATION_IP4 : DESTINATION_IP6), socket.remote().get());
    }
    boolean listens = socket.protocol() == TCP && socket.state() == 0 && socket.remote().isEmpty();
    Memory.putInt(address + STATE, listens ? LISTEN : socket.state());
  }

  /// Writes an IP address in network order: 4 or 16 bytes.
  public static void storeAddress(long to, IpAddress address) {
    if (address.version() == 4) {
      Memory.putInt(to, Integer.reverseBytes((int) address.low()));
    } else {
      Memory.putLong(to, Long.reverseBytes(address.high()));
      Memory.putLong(to + Long.BYTES, Long.reverseBytes(address.low()));
    }
  }
}
