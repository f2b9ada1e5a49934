package org.ebpf4j.verifier.internal.explain;

import org.ebpf4j.btf.BtfType;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;

/// What is known of a value, in plain words: `a number from 0 to 16`.
final class ValueWords {
  private ValueWords() {}

  static String of(Value value) {
    if (!value.isInitialized()) {
      return "nothing: it is not initialised";
    }
    if (value.isScalar()) {
      return number(value.number());
    }
    String null0 = value.maybeNull() ? ", or null" : "";
    return switch (value.kind()) {
      case PACKET -> packet(value, "the packet");
      case PACKET_META -> packet(value, "the packet's metadata");
      case PACKET_END -> "the end of the packet";
      case STACK -> "a pointer to the stack" + offset(value, "fp");
      case CONTEXT -> "the context" + offset(value, "");
      default -> "a pointer to " + target(value) + offset(value, "") + null0;
    };
  }

  /// A range of numbers. What is small and negative reads better signed.
  static String number(Scalar number) {
    if (number.isConstant()) {
      return "the number " + number.value();
    }
    if (number.smin() == Long.MIN_VALUE && number.smax() == Long.MAX_VALUE && number.umin() == 1) {
      return "any number but 0";
    }
    if (number.smin() == Long.MIN_VALUE && number.umin() == 0 && number.umax() < 0) {
      return "any number" + multiple(number);
    }
    if (number.smin() >= 0 && number.smax() == Long.MAX_VALUE) {
      return "a number of " + number.smin() + " or more";
    }
    String range =
        number.smin() >= 0 || number.smin() == Long.MIN_VALUE
            ? range(number)
            : number.smin() + " to " + number.smax();
    return "a number from " + range + lowerHalf(number);
  }

  /// What known low bits say of a number that has no bounds.
  private static String multiple(Scalar number) {
    int zeros = Long.numberOfTrailingZeros(number.bits().value() | number.bits().mask());
    return zeros == 0 || zeros == Long.SIZE ? "" : ", a multiple of " + (1L << zeros);
  }

  /// The lower half as a number with a sign, where its bounds do not follow from those of the
  /// whole: `int i` may be bounded so.
  private static String lowerHalf(Scalar number) {
    boolean follows = number.smin() >= 0 && number.smax() <= Integer.MAX_VALUE;
    boolean bounded = number.smin32() != Integer.MIN_VALUE || number.smax32() != Integer.MAX_VALUE;
    boolean same = number.smin() == number.smin32() && number.smax() == number.smax32();
    return follows || same || !bounded
        ? ""
        : " (as an int from %d to %d)".formatted(number.smin32(), number.smax32());
  }

  private static String range(Scalar number) {
    return Long.toUnsignedString(number.umin()) + " to " + Long.toUnsignedString(number.umax());
  }

  private static String packet(Value value, String what) {
    String proven =
        switch (value.range()) {
          case Value.BEYOND_END -> "found to be beyond its end";
          case Value.AT_END -> "found to be at its end or beyond";
          case 0 -> "of which no byte is checked";
          default -> checked(value);
        };
    return "a pointer into " + what + offset(value, "") + ", " + proven;
  }

  /// What is proven counts from where the pointer would be without its constant part.
  private static String checked(Value value) {
    if (value.number().isConstant()) {
      return "of which the first %s checked".formatted(bytes(value.range()));
    }
    int ahead = value.range() - value.offset();
    return ahead > 0
        ? "of which the %s from there on checked".formatted(bytes(ahead))
        : "of which no byte from there on is checked";
  }

  /// A number of bytes and the verb that goes with it.
  private static String bytes(int count) {
    return count == 1 ? "byte is" : count + " bytes are";
  }

  private static String target(Value value) {
    return switch (value.target()) {
      case Target.InMap(var map, int instance) ->
          switch (value.kind()) {
            case MAP -> "map " + map.name();
            case MAP_KEY -> "a key of map " + map.name();
            default -> "a value of map %s (%d bytes)".formatted(map.name(), map.valueSize());
          };
      case Target.Typed(var btf, int type) ->
          trust(value)
              + (btf.resolved(type) instanceof BtfType.Composite c ? c.name() : "kernel object");
      case Target.Sized(int size, int dynptr, Target.End end) -> size + " bytes of memory";
      case Target.Code(int subprogram) -> "a function of the program";
      case Target.Nothing n -> untyped(value);
      case Target.InFrame f -> "the stack";
      case Target.Dynamic d -> "a dynptr";
      case Target.Iterating i -> "an iterator";
      case Target.InterruptFlag f -> "a saved interrupt flag";
    };
  }

  private static String untyped(Value value) {
    return switch (value.kind()) {
      case ARENA -> "the arena";
      case BUFFER -> value.has(Flags.READ_ONLY) ? "a read-only buffer" : "a buffer";
      default -> "a " + value.typeName().replaceFirst("_or_null_?$", "");
    };
  }

  private static String trust(Value value) {
    String place = value.has(Flags.PER_CPU) ? "per-CPU " : "";
    return value.has(Flags.TRUSTED)
        ? "a trusted " + place
        : value.has(Flags.UNTRUSTED) ? "an untrusted " + place : "a " + place;
  }

  private static String offset(Value value, String base) {
    Scalar number = value.number();
    if (number.isConstant()) {
      long at = value.offset() + number.value();
      if (at == 0) {
        return "";
      }
      return base.isEmpty() ? ", at offset " + at : " (%s%+d)".formatted(base, at);
    }
    boolean unbounded = number.smin() == Long.MIN_VALUE && number.umax() == -1;
    if (unbounded) {
      return ", at an offset that may be anything";
    }
    if (number.smin() < 0 || value.offset() < 0) {
      long from = value.offset() + number.smin();
      long to = value.offset() + number.smax();
      return base.isEmpty()
          ? ", at an offset from %d to %d".formatted(from, to)
          : " (%s%+d to %s%+d)".formatted(base, from, base, to);
    }
    return ", at an offset from %s to %s"
        .formatted(
            Long.toUnsignedString(value.offset() + number.umin()),
            Long.toUnsignedString(value.offset() + number.umax()));
  }
}
