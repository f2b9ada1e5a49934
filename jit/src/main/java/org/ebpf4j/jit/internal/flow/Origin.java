package org.ebpf4j.jit.internal.flow;

import org.ebpf4j.runtime.internal.map.RuntimeMap;

/// What the instructions alone say of where a register's value comes from, without any proof that
/// the program is safe. [Constant], [Frame] and [Value] are certain: they hold whatever the program
/// does. The others are guesses, good for deciding what an address is compared with first.
public sealed interface Origin {

  /// This constant.
  record Constant(long value) implements Origin {}

  /// The frame pointer and this.
  record Frame(long offset) implements Origin {}

  /// What a lookup in this map gave, an address or 0, and this.
  record Value(RuntimeMap map, long offset) implements Origin {}

  /// Probably the context's address and this.
  record Context(long offset) implements Origin {}

  /// Probably an address in something, who knows where.
  enum Somewhere implements Origin {
    IN_FRAME,
    IN_PACKET,
    UNKNOWN
  }

  /// After a constant was added.
  default Origin plus(long distance) {
    return switch (this) {
      case Constant(long value) -> new Constant(value + distance);
      case Frame(long offset) -> new Frame(offset + distance);
      case Value(RuntimeMap map, long offset) -> new Value(map, offset + distance);
      case Context(long offset) -> new Context(offset + distance);
      case Somewhere somewhere -> somewhere;
    };
  }

  /// After something was added.
  default Origin plus(Origin other) {
    if (other instanceof Constant(long value)) {
      return plus(value);
    }
    if (this instanceof Constant(long value)) {
      return other.plus(value);
    }
    Origin mine = vague();
    return mine == Somewhere.UNKNOWN ? other.vague() : mine;
  }

  /// What is left to say when the distance is not known.
  default Origin vague() {
    return switch (this) {
      case Frame _ -> Somewhere.IN_FRAME;
      case Somewhere somewhere -> somewhere;
      case Constant _, Value _, Context _ -> Somewhere.UNKNOWN;
    };
  }

  /// As a guess: what it may be when the value has gone through memory.
  default Origin guess() {
    return this instanceof Context ? this : vague();
  }

  /// What holds of either.
  default Origin or(Origin other) {
    if (equals(other)) {
      return this;
    }
    Origin mine = vague();
    return mine.equals(other.vague()) ? mine : Somewhere.UNKNOWN;
  }
}
