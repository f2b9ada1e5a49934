package org.ebpf4j.linux.internal.map;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.ebpf4j.BpfMap.Batch;
import org.ebpf4j.BpfMap.Entry;
import org.ebpf4j.MapException;
import org.ebpf4j.error.Errno;
import org.ebpf4j.linux.LinuxMap;
import org.ebpf4j.linux.internal.call.BpfCall;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.linux.internal.call.Errors;
import org.ebpf4j.spec.MapSpec;

/// The calls on many elements at once. Keys and values go in two arrays, one after the other; the
/// kernel says how many elements it came through.
record BatchCall(MapSpec spec, int valueBytes) {
  private static final int IN_CURSOR = 0;
  private static final int OUT_CURSOR = 8;
  private static final int KEYS = 16;
  private static final int VALUES = 24;
  private static final int COUNT = 32;
  private static final int FD = 36;
  private static final int ELEMENT_FLAGS = 40;
  private static final int FLAGS = 48;

  /// How a map makes a call with its descriptor.
  @FunctionalInterface
  interface WithDescriptor {
    int use(String operation, IntUnaryOperator call);
  }

  Batch read(
      BpfCommand command,
      String operation,
      WithDescriptor map,
      Optional<byte[]> cursor,
      int requested) {
    int max = atMost(operation, requested);
    // Hash maps count buckets in 32 bits; other types take a key.
    int cursorBytes = Math.max(spec.keySize(), Integer.BYTES);
    try (BpfCall call = new BpfCall(command)) {
      MemorySegment keys = call.allocate((long) max * spec.keySize());
      MemorySegment values = call.allocate((long) max * valueBytes);
      MemorySegment next = call.allocate(cursorBytes);
      if (cursor.isPresent()) {
        byte[] start = cursor.get();
        if (start.length != cursorBytes) {
          throw new MapException(
              spec.name(), operation, Errno.EINVAL, "that cursor is none of this map's");
        }
        call.setPointer(IN_CURSOR, call.copy(start));
      }
      call.setPointer(OUT_CURSOR, next).setPointer(KEYS, keys).setPointer(VALUES, values);
      int result = invoke(call, operation, map, max, 0);
      if (result < 0 && result != -Errno.ENOENT.number()) {
        throw MapException.of(spec, operation, Errors.of(result), 0);
      }
      int count = Math.min(call.get32(COUNT), max);
      return new Batch(
          entries(keys, values, count),
          result == 0 ? Optional.of(next.toArray(JAVA_BYTE)) : Optional.empty());
    }
  }

  /// Reads the whole map with one call's memory.
  void each(WithDescriptor map, int requested, LinuxMap.BatchHandler handler) {
    String operation = "lookupBatch";
    int max = atMost(operation, requested);
    try (BpfCall call = new BpfCall(BpfCommand.MAP_LOOKUP_BATCH)) {
      MemorySegment keys = call.allocate((long) max * spec.keySize());
      MemorySegment values = call.allocate((long) max * valueBytes);
      MemorySegment cursor = call.allocate(Math.max(spec.keySize(), Integer.BYTES));
      call.setPointer(OUT_CURSOR, cursor).setPointer(KEYS, keys).setPointer(VALUES, values);
      int result;
      do {
        result = invoke(call, operation, map, max, 0);
        if (result < 0 && result != -Errno.ENOENT.number()) {
          throw MapException.of(spec, operation, Errors.of(result), 0);
        }
        int count = Math.min(call.get32(COUNT), max);
        if (count > 0) {
          handler.batch(keys, values, count);
        }
        call.setPointer(IN_CURSOR, cursor);
      } while (result == 0);
    }
  }

  /// Never more than there can be, so that a large number costs no memory.
  private int atMost(String operation, int requested) {
    if (requested < 1) {
      throw new MapException(
          spec.name(), operation, Errno.EINVAL, "at least 1 element, not " + requested);
    }
    return (int) Math.min(requested, Math.max(1, Integer.toUnsignedLong(spec.maxEntries())));
  }

  void update(WithDescriptor map, List<Entry> entries, long flags) {
    write(
        BpfCommand.MAP_UPDATE_BATCH,
        "updateBatch",
        map,
        entries.stream().map(Entry::key).toList(),
        entries.stream().map(Entry::value).toList(),
        flags);
  }

  void delete(WithDescriptor map, List<byte[]> keys) {
    write(BpfCommand.MAP_DELETE_BATCH, "deleteBatch", map, keys, List.of(), 0);
  }

  private void write(
      BpfCommand command,
      String operation,
      WithDescriptor map,
      List<byte[]> keys,
      List<byte[]> values,
      long flags) {
    if (keys.isEmpty()) {
      return;
    }
    try (BpfCall call = new BpfCall(command)) {
      call.setPointer(KEYS, array(call, keys, spec.keySize()));
      if (!values.isEmpty()) {
        call.setPointer(VALUES, array(call, values, valueBytes));
      }
      int result = invoke(call, operation, map, keys.size(), flags);
      if (result < 0) {
        // A call that is refused as a whole leaves the number as it was.
        int done = call.get32(COUNT);
        throw MapException.of(spec, operation, Errors.of(result), done == keys.size() ? 0 : done);
      }
    }
  }

  private static int invoke(
      BpfCall call, String operation, WithDescriptor map, int count, long flags) {
    return map.use(
        operation,
        fd ->
            call.set32(COUNT, count)
                .set32(FD, fd)
                .set64(ELEMENT_FLAGS, flags)
                .set64(FLAGS, 0)
                .invoke());
  }

  private static MemorySegment array(BpfCall call, List<byte[]> parts, int bytes) {
    MemorySegment array = call.allocate((long) parts.size() * bytes);
    for (int i = 0; i < parts.size(); i++) {
      MemorySegment.copy(parts.get(i), 0, array, JAVA_BYTE, (long) i * bytes, bytes);
    }
    return array;
  }

  private List<Entry> entries(MemorySegment keys, MemorySegment values, int count) {
    int keyBytes = spec.keySize();
    return new PackedEntries(
        keys.asSlice(0, (long) count * keyBytes).toArray(JAVA_BYTE),
        keyBytes,
        values.asSlice(0, (long) count * valueBytes).toArray(JAVA_BYTE),
        valueBytes,
        count);
  }
}
