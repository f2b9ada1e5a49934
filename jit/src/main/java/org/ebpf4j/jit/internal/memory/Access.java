package org.ebpf4j.jit.internal.memory;

import org.ebpf4j.isa.AtomicOperation;

/// A way to access memory, as `VarHandle` and `Unsafe` call it.
enum Access {
  GET("get", "get%sUnaligned", 0, true),
  SET("set", "put%sUnaligned", 1, false),
  GET_OPAQUE("getOpaque", "get%sOpaque", 0, true),
  SET_OPAQUE("setOpaque", "put%sOpaque", 1, false),
  GET_ACQUIRE("getAcquire", "get%sAcquire", 0, true),
  SET_RELEASE("setRelease", "put%sRelease", 1, false),
  GET_AND_ADD("getAndAdd", "getAndAdd%s", 1, true),
  GET_AND_OR("getAndBitwiseOr", "getAndBitwiseOr%s", 1, true),
  GET_AND_AND("getAndBitwiseAnd", "getAndBitwiseAnd%s", 1, true),
  GET_AND_XOR("getAndBitwiseXor", "getAndBitwiseXor%s", 1, true),
  GET_AND_SET("getAndSet", "getAndSet%s", 1, true),
  COMPARE_AND_EXCHANGE("compareAndExchange", "compareAndExchange%s", 2, true);

  private final String handleName;
  private final String unsafeName;
  private final int operands;
  private final boolean gives;

  Access(String handleName, String unsafeName, int operands, boolean gives) {
    this.handleName = handleName;
    this.unsafeName = unsafeName;
    this.operands = operands;
    this.gives = gives;
  }

  static Access of(AtomicOperation operation) {
    return switch (operation) {
      case ADD, FETCH_ADD -> GET_AND_ADD;
      case OR, FETCH_OR -> GET_AND_OR;
      case AND, FETCH_AND -> GET_AND_AND;
      case XOR, FETCH_XOR -> GET_AND_XOR;
      case XCHG -> GET_AND_SET;
      case CMPXCHG -> COMPARE_AND_EXCHANGE;
    };
  }

  /// The method of `VarHandle`.
  String handleName() {
    return handleName;
  }

  /// The method of `Unsafe`, with a place for the type's name.
  String unsafeName() {
    return unsafeName;
  }

  /// How many values it takes.
  int operands() {
    return operands;
  }

  /// Whether it gives a value.
  boolean gives() {
    return gives;
  }

  /// Whether it works at any address; the others need aligned ones.
  boolean unaligned() {
    return this == GET || this == SET;
  }
}
