package org.ebpf4j.runtime;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/// The connections that the network keeps track of (conntrack), which programs look up, change and
/// add. Any thread may use it.
public final class ConnectionTable {
  /// The table of environments that have none of their own.
  static final ConnectionTable OF_THIS_JVM = new ConnectionTable();

  private final ConcurrentHashMap<Key, Entry> entries = new ConcurrentHashMap<>();

  private record Key(int zone, Flow flow) {}

  /// An empty table.
  public ConnectionTable() {}

  /// Packets in one direction of a connection.
  ///
  /// @param protocol 6 for TCP, 17 for UDP
  public record Flow(
      int protocol, IpAddress source, int sourcePort, IpAddress destination, int destinationPort) {

    /// The other direction.
    public Flow reversed() {
      return new Flow(protocol, destination, destinationPort, source, sourcePort);
    }
  }

  /// A connection.
  ///
  /// @param zone 0, unless the network is divided
  /// @param original packets of the side that began
  /// @param reply packets of the other, which network address translation makes differ from
  ///   `original` reversed
  /// @param mark a number that programs and firewalls give it
  /// @param status bits of `enum ip_conntrack_status`
  /// @param expires when it is forgotten, by the monotonic clock of the environment, in nanoseconds
  public record Connection(
      int zone, Flow original, Flow reply, int mark, long status, long expires) {

    /// A connection without translation that is confirmed and does not expire.
    public static Connection of(Flow original, int mark) {
      return new Connection(0, original, original.reversed(), mark, CONFIRMED, Long.MAX_VALUE);
    }
  }

  /// `IPS_CONFIRMED`: it is in the table.
  public static final long CONFIRMED = 1 << 3;

  /// A connection that is in the table, or is to come there: what is known of it changes.
  public static final class Entry {
    private final AtomicReference<Connection> state;

    /// @param connection as it is at first
    public Entry(Connection connection) {
      this.state = new AtomicReference<>(connection);
    }

    /// As it is now.
    public Connection connection() {
      return state.get();
    }

    /// Puts a new state in place, unless another came first.
    ///
    /// @return whether it did
    public boolean replace(Connection expected, Connection next) {
      return state.compareAndSet(expected, next);
    }
  }

  /// A connection that was found.
  ///
  /// @param reply whether the flow asked for is that of the replies
  public record Found(Entry entry, boolean reply) {}

  /// Adds a connection.
  ///
  /// @return whether there was none with these flows
  public boolean add(Entry entry) {
    Connection connection = entry.connection();
    Key original = new Key(connection.zone(), connection.original());
    Key reply = new Key(connection.zone(), connection.reply());
    if (entries.putIfAbsent(original, entry) != null) {
      return false;
    }
    if (entries.putIfAbsent(reply, entry) != null) {
      entries.remove(original, entry);
      return false;
    }
    return true;
  }

  /// Adds a connection, as [#add(Entry)].
  public boolean add(Connection connection) {
    return add(new Entry(connection));
  }

  /// The connection that a flow belongs to. One that has expired is removed.
  ///
  /// @param now by the monotonic clock
  public Optional<Found> find(int zone, Flow flow, long now) {
    Entry entry = entries.get(new Key(zone, flow));
    if (entry == null) {
      return Optional.empty();
    }
    Connection connection = entry.connection();
    if (connection.expires() != Long.MAX_VALUE && now - connection.expires() >= 0) {
      entries.remove(new Key(zone, connection.original()), entry);
      entries.remove(new Key(zone, connection.reply()), entry);
      return Optional.empty();
    }
    return Optional.of(new Found(entry, !flow.equals(connection.original())));
  }

  /// The connections there are, in no order.
  public List<Connection> connections() {
    return entries.values().stream().distinct().map(Entry::connection).toList();
  }
}
