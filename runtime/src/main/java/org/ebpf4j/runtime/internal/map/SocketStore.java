package org.ebpf4j.runtime.internal.map;

/// A map whose values programs see as sockets.
public interface SocketStore {

  /// Whether a [SocketStruct] begins at this address.
  boolean isSocket(long address);

  /// Where the socket of a key is, or 0.
  long socket(long key);
}
