package org.ebpf4j.linux.internal.map;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.ebpf4j.linux.internal.call.BpfCommand;
import org.ebpf4j.sys.SystemCall;

/// Memory for the calls on single elements of one map, made once and used again and again: the
/// attributes with their pointers set, a key and a value. For one thread at a time.
///
///     ┌────────┬─────┬────────────┬────────────┬───────────┐
///     │ map fd │  –  │ key        │ value      │ flags     │
///     └────────┴─────┴────────────┴────────────┴───────────┘
///     0        4     8            16           24         32
final class ElementCall {
  private static final long FD = 0;
  private static final long KEY = 8;
  private static final long VALUE = 16;
  private static final long FLAGS = 24;
  private static final int BYTES = 32;

  private final MemorySegment state;
  private final MemorySegment attributes;
  private final MemorySegment key;
  private final MemorySegment value;

  /// @param valueBytes bytes in a value or in a key, whatever is more: this is where the kernel
  ///   puts either
  ElementCall(int keyBytes, int valueBytes) {
    // Freed by the garbage collector: it may outlive the map that some other thread has closed.
    Arena arena = Arena.ofAuto();
    this.state = arena.allocate(SystemCall.STATE_BYTES, 8);
    this.attributes = arena.allocate(BYTES, 8);
    this.key = arena.allocate(Math.max(keyBytes, 1), 8);
    this.value = arena.allocate(Math.max(Math.max(valueBytes, keyBytes), 1), 8);
  }

  /// Sets the key; an empty one is passed as a null pointer, as Linux wants it for maps without
  /// keys.
  void setKey(byte[] bytes) {
    MemorySegment.copy(bytes, 0, key, JAVA_BYTE, 0, bytes.length);
    attributes.set(JAVA_LONG, KEY, bytes.length == 0 ? 0 : key.address());
  }

  void setValue(byte[] bytes) {
    MemorySegment.copy(bytes, 0, value, JAVA_BYTE, 0, bytes.length);
  }

  /// A copy of what the kernel wrote.
  byte[] value(int bytes) {
    byte[] copy = new byte[bytes];
    MemorySegment.copy(value, JAVA_BYTE, 0, copy, 0, bytes);
    return copy;
  }

  /// Makes the call; gives 0 or the error number negated.
  int invoke(BpfCommand command, int descriptor, long flags) {
    attributes.set(JAVA_INT, FD, descriptor);
    // Linux refuses attributes that a command does not use.
    attributes.set(JAVA_LONG, VALUE, command == BpfCommand.MAP_DELETE_ELEM ? 0 : value.address());
    attributes.set(JAVA_LONG, FLAGS, flags);
    return (int) SystemCall.BPF.call(state, command.number(), attributes.address(), BYTES, 0, 0, 0);
  }
}
