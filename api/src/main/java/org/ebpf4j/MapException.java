package org.ebpf4j;

import java.io.Serial;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.error.Errno;

/// A map operation that failed as it would in Linux.
public final class MapException extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  private final String map;
  private final String operation;
  private final Errno errno;
  private final int done;

  /// @param map the map's name
  /// @param operation what was tried, such as `update`
  /// @param errno Linux's error
  /// @param reason why, in words
  public MapException(String map, String operation, Errno errno, String reason) {
    this(map, operation, errno, reason, 0);
  }

  /// @param done for batch operations, how many elements came through before
  public MapException(String map, String operation, Errno errno, String reason, int done) {
    super("map %s: %s failed with %s: %s".formatted(map, operation, errno, reason));
    this.map = map;
    this.operation = operation;
    this.errno = errno;
    this.done = done;
  }

  public String map() {
    return map;
  }

  public String operation() {
    return operation;
  }

  public Errno errno() {
    return errno;
  }

  public int done() {
    return done;
  }
}
