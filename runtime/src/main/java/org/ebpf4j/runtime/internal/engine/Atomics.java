package org.ebpf4j.runtime.internal.engine;

import org.ebpf4j.runtime.internal.memory.Memory;

/// What atomic instructions do to aligned memory, by the immediate that encodes them (RFC 9669,
/// section 5.3). All are sequentially consistent, which is at least what Linux gives.
final class Atomics {
  static final int FETCH = 0x01;
  static final int CMPXCHG = 0xf1;

  private static final int ADD = 0x00;
  private static final int OR = 0x40;
  private static final int AND = 0x50;
  private static final int XOR = 0xa0;
  private static final int XCHG = 0xe1;

  private Atomics() {}

  /// The value from before.
  static long apply64(int operation, long address, long value, long expected) {
    return switch (operation) {
      case ADD, ADD | FETCH -> Memory.getAndAddLong(address, value);
      case OR, OR | FETCH -> Memory.getAndOrLong(address, value);
      case AND, AND | FETCH -> Memory.getAndAndLong(address, value);
      case XOR, XOR | FETCH -> Memory.getAndXorLong(address, value);
      case XCHG -> Memory.getAndSetLong(address, value);
      case CMPXCHG -> Memory.compareAndExchangeLong(address, expected, value);
      default -> throw new IllegalStateException("no such atomic: " + operation);
    };
  }

  /// The value from before, zero-extended.
  static long apply32(int operation, long address, int value, int expected) {
    int old =
        switch (operation) {
          case ADD, ADD | FETCH -> Memory.getAndAddInt(address, value);
          case OR, OR | FETCH -> Memory.getAndOrInt(address, value);
          case AND, AND | FETCH -> Memory.getAndAndInt(address, value);
          case XOR, XOR | FETCH -> Memory.getAndXorInt(address, value);
          case XCHG -> Memory.getAndSetInt(address, value);
          case CMPXCHG -> Memory.compareAndExchangeInt(address, expected, value);
          default -> throw new IllegalStateException("no such atomic: " + operation);
        };
    return old & 0xffff_ffffL;
  }
}
