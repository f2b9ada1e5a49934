package org.ebpf4j.jit.internal.flow;

import org.ebpf4j.runtime.internal.map.InnerShape;

/// What the instructions alone say of where a register's value comes from, without any proof that
/// the program is safe. [Constant], [Frame], [Value] and [InnerMap] are certain: they hold whatever
/// the program does. The others are guesses, good for deciding what an address is compared with
/// first.
public sealed interface Origin {

  /// This constant.
  record Constant(long value) implements Origin {}

  /// The frame pointer and this.
  record Frame(long offset) implements Origin {}

  /// What a lookup gave, the address of a value or 0, and this.
  record Value(Values in, long offset) implements Origin {}

  /// What a lookup in a map of maps gave: the handle of a map of this shape that the run has found,
  /// or 0.
  record InnerMap(InnerShape shape) implements Origin {}

  /// Probably the context's address and this.
  record Context(long offset) implements Origin {}

  /// Probably an address in one of these values.
  record InValue(Values in) implements Origin {}

  /// Probably the frame pointer of a function that called this one, and this.
  record CallersFrame(Origins caller, long offset) implements Origin {}

  /// Probably an address in something, who knows where.
  enum Somewhere implements Origin {
    IN_FRAME,
    IN_CALLERS_FRAME,
    IN_PACKET,
    UNKNOWN
  }

  /// After a constant was added.
  default Origin plus(long distance) {
    return switch (this) {
      case Constant(long value) -> new Constant(value + distance);
      case Frame(long offset) -> new Frame(offset + distance);
      case Value(Values in, long offset) -> new Value(in, offset + distance);
      case Context(long offset) -> new Context(offset + distance);
      case CallersFrame(Origins caller, long offset) -> new CallersFrame(caller, offset + distance);
      case InnerMap _ -> distance == 0 ? this : vague();
      case InValue _, Somewhere _ -> this;
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
      case CallersFrame _ -> Somewhere.IN_CALLERS_FRAME;
      case Value(Values in, long _) -> new InValue(in);
      case InValue _, Somewhere _ -> this;
      case Constant _, InnerMap _, Context _ -> Somewhere.UNKNOWN;
    };
  }

  /// As a guess: what it may be when the value has gone through memory.
  default Origin guess() {
    return switch (this) {
      case Context _, CallersFrame _ -> this;
      default -> vague();
    };
  }

  /// As a guess: what it may be in a function that gets it from this one.
  ///
  /// @param caller the origins that this one is from
  default Origin handedOn(Origins caller) {
    return switch (this) {
      case Frame(long offset) -> new CallersFrame(caller, offset);
      case Somewhere somewhere when somewhere == Somewhere.IN_FRAME -> Somewhere.IN_CALLERS_FRAME;
      default -> guess();
    };
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
