package org.ebpf4j.runtime.internal.object;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.runtime.ConnectionTable.Connection;
import org.ebpf4j.runtime.ConnectionTable.Flow;
import org.ebpf4j.runtime.IpAddress;

/// What programs find behind the address of a connection: `struct nf_conn`, laid out as the types
/// have it that the program was relocated to. The fields are mark, status, timeout and the two
/// flows; all others are 0.
///
/// Source: Linux 6.18's `include/net/netfilter/nf_conntrack.h` and `nf_conntrack_tuple.h`.
public final class ConnectionStruct {
  /// Bytes of a `struct nf_conntrack_tuple_hash`, and what lies where in it.
  private static final int FLOW = 56;

  private static final int SOURCE = 16;
  private static final int SOURCE_PORT = 32;
  private static final int FAMILY = 34;
  private static final int DESTINATION = 36;
  private static final int DESTINATION_PORT = 52;
  private static final int PROTOCOL = 54;
  private static final int DIRECTION = 55;
  private static final short INET = 2;
  private static final short INET6 = 10;

  private static final Map<String, Integer> SIZES =
      Map.of("mark", 4, "status", 8, "timeout", 4, "tuplehash", 2 * FLOW);

  private final StructFields fields;

  /// @param types those that the program was relocated to
  public ConnectionStruct(Btf types) {
    this.fields = new StructFields(types, "nf_conn", SIZES);
  }

  /// Bytes of the struct; 0 if the types do not have it.
  public int size() {
    return fields.size();
  }

  /// Writes a connection.
  ///
  /// @param timeout the field of this name: a time, or how long from now
  public void write(long to, Connection connection, int timeout) {
    fields.write(
        to,
        name ->
            switch (name) {
              case "mark" -> StructFields.bytes(connection.mark());
              case "status" -> StructFields.bytes(connection.status());
              case "timeout" -> StructFields.bytes(timeout);
              default -> flows(connection);
            });
  }

  /// The mark that a program may have written.
  public int mark(long from) {
    return (int) fields.read(from, "mark");
  }

  private static byte[] flows(Connection connection) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * FLOW).order(ByteOrder.nativeOrder());
    put(bytes, 0, connection.original(), 0);
    put(bytes, FLOW, connection.reply(), 1);
    return bytes.array();
  }

  private static void put(ByteBuffer to, int at, Flow flow, int direction) {
    to.put(at + SOURCE, bytes(flow.source()));
    to.putShort(at + SOURCE_PORT, networkOrder(flow.sourcePort()));
    to.putShort(at + FAMILY, flow.source().version() == 4 ? INET : INET6);
    to.put(at + DESTINATION, bytes(flow.destination()));
    to.putShort(at + DESTINATION_PORT, networkOrder(flow.destinationPort()));
    to.put(at + PROTOCOL, (byte) flow.protocol());
    to.put(at + DIRECTION, (byte) direction);
  }

  private static short networkOrder(int port) {
    return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
        ? (short) port
        : Short.reverseBytes((short) port);
  }

  private static byte[] bytes(IpAddress address) {
    return address.toBytes();
  }
}
