package org.ebpf4j.runtime;

import java.util.List;
import java.util.Optional;

/// The network that programs see around them: interfaces, routes, neighbours and sockets.
///
/// @param interfaces network devices
/// @param routes where packets go; the longest prefix counts, among equals the first
/// @param neighbours link-layer addresses of hosts
/// @param sockets what `bpf_sk_lookup_tcp` and its like find
public record Network(
    List<Device> interfaces, List<Route> routes, List<Neighbour> neighbours, List<Socket> sockets) {

  /// No network at all.
  public static final Network NONE = new Network(List.of(), List.of(), List.of(), List.of());

  public Network {
    interfaces = List.copyOf(interfaces);
    routes = List.copyOf(routes);
    neighbours = List.copyOf(neighbours);
    sockets = List.copyOf(sockets);
  }

  /// A network device.
  ///
  /// @param index its number, from 1
  /// @param hardware its MAC address in the lower 48 bits
  /// @param mtu the longest packet it takes, without link-layer header
  /// @param forwards whether it forwards packets (`sysctl forwarding`)
  public record Device(int index, long hardware, int mtu, boolean forwards) {}

  /// What to do with packets to a prefix.
  public enum Action {
    FORWARD,
    LOCAL,
    BLACKHOLE,
    UNREACHABLE,
    PROHIBIT
  }

  /// A route.
  ///
  /// @param prefix the destination network
  /// @param length bits of the prefix that count
  /// @param action what happens to the packet
  /// @param device the interface it leaves by
  /// @param gateway the next hop; empty where the destination is on the link
  /// @param mtu the route's own MTU, or 0 for the interface's
  public record Route(
      IpAddress prefix,
      int length,
      Action action,
      int device,
      Optional<IpAddress> gateway,
      int mtu) {}

  /// A host on a link.
  ///
  /// @param device the interface
  /// @param address its IP address
  /// @param hardware its MAC address in the lower 48 bits
  public record Neighbour(int device, IpAddress address, long hardware) {}

  /// A socket.
  ///
  /// @param protocol 6 for TCP, 17 for UDP
  /// @param local its own address
  /// @param localPort its own port
  /// @param remote the peer's address; empty for a socket that listens or is not connected
  /// @param remotePort the peer's port, or 0
  /// @param state for TCP, the state's number in Linux (1 established, 10 listening)
  /// @param mark `SO_MARK`
  /// @param cookie what `bpf_get_socket_cookie` gives
  public record Socket(
      int protocol,
      IpAddress local,
      int localPort,
      Optional<IpAddress> remote,
      int remotePort,
      int state,
      int mark,
      long cookie) {}

  /// The interface of a number.
  public Optional<Device> device(int index) {
    for (Device device : interfaces) {
      if (device.index() == index) {
        return Optional.of(device);
      }
    }
    return Optional.empty();
  }

  /// The route to an address.
  public Optional<Route> route(IpAddress destination) {
    Optional<Route> best = Optional.empty();
    for (Route route : routes) {
      if (destination.within(route.prefix(), route.length())
          && (best.isEmpty() || route.length() > best.get().length())) {
        best = Optional.of(route);
      }
    }
    return best;
  }

  /// The neighbour with an address.
  public Optional<Neighbour> neighbour(int device, IpAddress address) {
    for (Neighbour neighbour : neighbours) {
      if (neighbour.device() == device && neighbour.address().equals(address)) {
        return Optional.of(neighbour);
      }
    }
    return Optional.empty();
  }

  /// The socket with a cookie.
  public Optional<Socket> socket(long cookie) {
    for (Socket socket : sockets) {
      if (socket.cookie() == cookie) {
        return Optional.of(socket);
      }
    }
    return Optional.empty();
  }

  /// The socket that a packet belongs to: one connected to exactly these ends, else one that
  /// listens.
  public Optional<Socket> socket(
      int protocol, IpAddress local, int localPort, IpAddress remote, int remotePort) {
    Optional<Socket> listening = Optional.empty();
    for (Socket socket : sockets) {
      if (socket.protocol() != protocol || socket.localPort() != localPort) {
        continue;
      }
      if (socket.remote().isEmpty()) {
        boolean any = socket.local().high() == 0 && socket.local().low() == 0;
        if (listening.isEmpty() && (any || socket.local().equals(local))) {
          listening = Optional.of(socket);
        }
      } else if (socket.remotePort() == remotePort
          && socket.remote().get().equals(remote)
          && socket.local().equals(local)) {
        return Optional.of(socket);
      }
    }
    return listening;
  }
}
