package org.ebpf4j;

import java.io.Serial;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.EbpfException;
import org.ebpf4j.error.Errno;
import org.ebpf4j.spec.MapSpec;

/// A map operation that failed as it would in Linux.
public final class MapException extends EbpfException {
  @Serial private static final long serialVersionUID = 1L;

  private final String map;
  private final String operation;
  private final Errno errno;
  private final String reason;
  private final int done;

  /// @param map the map's name
  /// @param operation what was tried, by the name of the method, such as `update`
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
    this.reason = reason;
    this.done = done;
  }

  /// What a host failed with, in words that say what the error number means for a map.
  public static MapException of(MapSpec map, String operation, Errno errno, int done) {
    return new MapException(map.name(), operation, errno, reason(map, errno), done);
  }

  private static String reason(MapSpec map, Errno errno) {
    return switch (errno) {
      case E2BIG ->
          "it is full or the key is out of range; it takes %s elements"
              .formatted(Integer.toUnsignedString(map.maxEntries()));
      case EEXIST -> "the key is there already";
      case ENOENT -> "there is no such element";
      case EPERM ->
          "it is frozen, was made without that right, or its type does not let users do so";
      case EBUSY -> "it is in use";
      case EINVAL ->
          "maps of type %s do not take that key, value or flag here".formatted(typeName(map));
      case ENOTSUPP, EOPNOTSUPP ->
          "maps of type %s have no such operation".formatted(typeName(map));
      case ENOSPC ->
          "more elements share a bucket than the batch has room for; ask for more at once";
      case ENOMEM -> "no memory for the element";
      case EBADF -> "it is closed, or what was to be put there is";
      default -> errno.text();
    };
  }

  private static String typeName(MapSpec map) {
    return map.type().map(MapType::name).orElse("number " + map.typeNumber());
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

  /// Why, in words.
  public String reason() {
    return reason;
  }

  /// For batch operations, how many elements came through before; else 0.
  public int done() {
    return done;
  }
}
