package org.ebpf4j.linux.internal.map;

import org.ebpf4j.MapException;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.spec.MapSpec;

/// Puts a map operation's error in words.
final class MapFailure {
  private MapFailure() {}

  static MapException of(MapSpec map, String operation, long result) {
    return of(map, operation, result, 0);
  }

  static MapException of(MapSpec map, String operation, long result, int done) {
    Errno errno = Errors.of(result);
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
}
