package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Width;
import org.ebpf4j.verifier.internal.domain.Comparison;
import org.ebpf4j.verifier.internal.domain.Comparison.Outcome;
import org.ebpf4j.verifier.internal.domain.Comparison.Refined;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.domain.ScalarArithmetic;
import org.ebpf4j.verifier.internal.state.Acquired;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.ebpf4j.verifier.internal.state.VerifierState;

/// Conditional jumps: what each way tells of the two sides and of what is linked to them.
final class Branches {
  private static final String COMPARED = "pointer comparison prohibited";
  private static final int MAX_PACKET_OFFSET = 0xffff;
  private static final int IMMEDIATE = -1;
  private static final int TRUSTED_FLAGS = Flags.TRUSTED | Flags.ALLOCATED | Flags.NON_OWNING;

  private final Walk walk;

  Branches(Walk walk) {
    this.walk = walk;
  }

  /// @return the slot to go on from
  int jump(Instruction.Jump jump) {
    int dst = jump.dst().number();
    int src = jump.src() instanceof Operand.Reg(var register) ? register.number() : IMMEDIATE;
    boolean wide = jump.width() == Width.W64;
    Value left = walk.read(dst);
    Value right =
        switch (jump.src()) {
          case Operand.Reg(var register) -> walk.read(register);
          case Operand.Imm(int value) -> Value.constant(value);
        };
    int note =
        (right.kind() == Kind.STACK ? Notes.RIGHT_IS_STACK : 0)
            | (left.kind() == Kind.STACK ? Notes.LEFT_IS_STACK : 0);
    if (note != 0) {
      walk.note(note, 0);
    }
    if (src != IMMEDIATE && !(left.kind().isPacketOrEnd() && right.kind().isPacketOrEnd())) {
      walk.secrecy.check(src, COMPARED);
    }
    int target = walk.slot + 1 + jump.offset();
    Outcome outcome = outcome(jump.condition(), wide, left, right);
    if (outcome != Outcome.UNKNOWN) {
      needPrecise(dst, src);
      return outcome == Outcome.ALWAYS ? target : walk.slot + 1;
    }
    fork(jump, wide, dst, src, target);
    return walk.slot + 1;
  }

  private void needPrecise(int dst, int src) {
    walk.needPrecise(dst);
    if (src != IMMEDIATE) {
      walk.needPrecise(src);
    }
  }

  private Outcome outcome(JumpCondition condition, boolean wide, Value left, Value right) {
    if (wide && left.kind().isPacketOrEnd() && right.kind().isPacketOrEnd()) {
      return packetOutcome(condition, left, right);
    }
    if (left.isPointer() || right.isPointer()) {
      return wide ? nullOutcome(condition, left, right) : Outcome.UNKNOWN;
    }
    return Comparison.outcome(condition, wide, left.number(), right.number());
  }

  /// A pointer already found to be at or beyond the packet's end.
  private static Outcome packetOutcome(JumpCondition condition, Value left, Value right) {
    boolean endRight = right.kind() == Kind.PACKET_END;
    if (!endRight && left.kind() != Kind.PACKET_END) {
      return Outcome.UNKNOWN;
    }
    Value packet = endRight ? left : right;
    JumpCondition c = endRight ? condition : Comparison.flip(condition);
    boolean beyond = packet.range() == Value.BEYOND_END;
    boolean at = packet.range() == Value.AT_END;
    return switch (c) {
      case LESS_OR_EQUAL -> beyond ? Outcome.NEVER : Outcome.UNKNOWN;
      case GREATER -> beyond ? Outcome.ALWAYS : Outcome.UNKNOWN;
      case LESS -> beyond || at ? Outcome.NEVER : Outcome.UNKNOWN;
      case GREATER_OR_EQUAL -> beyond || at ? Outcome.ALWAYS : Outcome.UNKNOWN;
      case EQUAL,
          NOT_EQUAL,
          ANY_BIT,
          SIGNED_GREATER,
          SIGNED_GREATER_OR_EQUAL,
          SIGNED_LESS,
          SIGNED_LESS_OR_EQUAL ->
          Outcome.UNKNOWN;
    };
  }

  private static Outcome nullOutcome(JumpCondition condition, Value left, Value right) {
    Value pointer = right.isScalar() && right.number().isConstant() ? left : right;
    Value number = pointer == left ? right : left;
    if (!number.isScalar()
        || !number.number().isConstant()
        || !isNotNull(pointer)
        || number.number().value() != 0) {
      return Outcome.UNKNOWN;
    }
    return switch (condition) {
      case EQUAL -> Outcome.NEVER;
      case NOT_EQUAL -> Outcome.ALWAYS;
      case GREATER,
          GREATER_OR_EQUAL,
          ANY_BIT,
          SIGNED_GREATER,
          SIGNED_GREATER_OR_EQUAL,
          LESS,
          LESS_OR_EQUAL,
          SIGNED_LESS,
          SIGNED_LESS_OR_EQUAL ->
          Outcome.UNKNOWN;
    };
  }

  /// Whether a pointer is known not to be 0. Source: `reg_not_null`, which does not know it of all
  /// kinds that never are.
  static boolean isNotNull(Value value) {
    if (value.maybeNull() || !isNearItsTarget(value)) {
      return false;
    }
    return switch (value.kind()) {
      case SOCKET, TCP_SOCK, MAP_VALUE, MAP_KEY, SOCK_COMMON, MAP -> true;
      case MEMORY -> !value.has(Flags.UNTRUSTED);
      case BTF_OBJECT ->
          value.reference() != 0
              || (value.has(TRUSTED_FLAGS) && (value.flags() & ~TRUSTED_FLAGS) == 0);
      case UNINITIALIZED,
          SCALAR,
          CONTEXT,
          STACK,
          PACKET_META,
          PACKET,
          PACKET_END,
          FLOW_KEYS,
          TRACE_BUFFER,
          XDP_SOCK,
          BUFFER,
          ARENA,
          FUNCTION,
          DYNPTR,
          ITERATOR,
          IRQ_FLAG ->
          false;
    };
  }

  private static boolean isNearItsTarget(Value pointer) {
    return pointer.number().smin() > -PointerArithmetic.MAX_OFFSET
        && pointer.number().smax() < PointerArithmetic.MAX_OFFSET;
  }

  private void fork(Instruction.Jump jump, boolean wide, int dst, int src, int target) {
    long links = 0;
    Value right = src == IMMEDIATE ? Value.UNKNOWN : walk.peek(src);
    if (src != IMMEDIATE && right.isScalar() && right.id() != 0) {
      links = collect(right, links);
    }
    // Linux counts those twice that both sides are linked to, and so has less room for others.
    Value left = walk.peek(dst);
    if (left.isScalar() && left.id() != 0) {
      links = collect(left, links);
    }
    if (Notes.count(links) > 1) {
      walk.note(0, links);
    }
    left = walk.peek(dst);
    right = src == IMMEDIATE ? constant(jump) : walk.peek(src);
    VerifierState other = walk.fork(target);
    if (left.isScalar() && right.isScalar()) {
      refine(walk.state, jump.condition(), false, wide, dst, src, left, right, links);
      refine(other, jump.condition(), true, wide, dst, src, left, right, links);
      return;
    }
    if (wide && src != IMMEDIATE) {
      equalPointers(jump.condition(), other, dst, src, left, right);
    }
    boolean nullTest =
        wide
            && src == IMMEDIATE
            && right.isZero()
            && left.maybeNull()
            && (jump.condition() == JumpCondition.EQUAL
                || jump.condition() == JumpCondition.NOT_EQUAL);
    if (nullTest) {
      boolean equal = jump.condition() == JumpCondition.EQUAL;
      markNull(walk.state, left, !equal);
      markNull(other, left, equal);
    } else if (!wide
        || src == IMMEDIATE
        || !comparePackets(jump.condition(), other, dst, src, left, right)) {
      walk.secrecy.check(dst, COMPARED);
    }
  }

  private static Value constant(Instruction.Jump jump) {
    return jump.src() instanceof Operand.Imm(int value) ? Value.constant(value) : Value.UNKNOWN;
  }

  private void refine(
      VerifierState state,
      JumpCondition condition,
      boolean taken,
      boolean wide,
      int dst,
      int src,
      Value left,
      Value right,
      long links) {
    if (dst == src) {
      Refined refined = Comparison.refineSame(condition, taken, wide, left.number());
      Value value = left.withNumber(refined.left());
      state.setRegister(dst, value);
      if (value.id() != 0) {
        sync(state, value, links);
      }
      return;
    }
    Refined refined = Comparison.refine(condition, taken, wide, left.number(), right.number());
    Value newLeft = left.withNumber(refined.left());
    state.setRegister(dst, newLeft);
    if (src != IMMEDIATE) {
      Value newRight = right.withNumber(refined.right());
      state.setRegister(src, newRight);
      if (newRight.id() != 0) {
        sync(state, newRight, links);
      }
    }
    newLeft = state.register(dst);
    if (newLeft.id() != 0) {
      sync(state, newLeft, links);
    }
  }

  private long collect(Value number, long links) {
    return Notes.collect(walk.state, walk.slot, walk.flow, number.id(), links);
  }

  /// What is linked to a number learns what was learned of it.
  private static void sync(VerifierState state, Value known, long links) {
    for (int i = 0; i < Notes.count(links); i++) {
      Frame frame = state.frame(Notes.linkFrame(links, i));
      int place = Notes.linkPlace(links, i);
      boolean register = Notes.linkIsRegister(links, i);
      Value value = register ? frame.register(place) : frame.slot(place);
      if (!value.isScalar()
          || value == known
          || value.idWithoutConstant() != known.idWithoutConstant()) {
        continue;
      }
      Value synced = synced(value, known);
      if (register) {
        frame.setRegister(place, synced);
      } else {
        frame.setSlot(place, synced);
      }
    }
  }

  private static Value synced(Value value, Value known) {
    int valueLink = value.id() & Value.PLUS_CONSTANT;
    int knownLink = known.id() & Value.PLUS_CONSTANT;
    if ((valueLink ^ knownLink) == Value.PLUS_CONSTANT) {
      return value; // the distance in 32 bits is not that in 64
    }
    int valueOffset = valueLink == 0 ? 0 : value.offset();
    int knownOffset = knownLink == 0 ? 0 : known.offset();
    if (valueOffset == knownOffset) {
      return known;
    }
    Scalar distance = Scalar.constant((long) valueOffset - knownOffset);
    boolean wide = ((valueLink | knownLink) & Value.PLUS_CONSTANT_32) == 0;
    return value.withNumber(
        ScalarArithmetic.apply(AluOperation.ADD, wide, known.number(), distance));
  }

  /// A pointer that equals one known not to be 0 is not 0.
  private void equalPointers(
      JumpCondition condition, VerifierState other, int dst, int src, Value left, Value right) {
    VerifierState equal =
        switch (condition) {
          case EQUAL -> other;
          case NOT_EQUAL -> walk.state;
          case GREATER,
              GREATER_OR_EQUAL,
              ANY_BIT,
              SIGNED_GREATER,
              SIGNED_GREATER_OR_EQUAL,
              LESS,
              LESS_OR_EQUAL,
              SIGNED_LESS,
              SIGNED_LESS_OR_EQUAL ->
              null;
        };
    if (equal == null
        || !left.isPointer()
        || !right.isPointer()
        || left.kind() == Kind.BTF_OBJECT
        || right.kind() == Kind.BTF_OBJECT) {
      return;
    }
    if (isSomewhere(left) && right.maybeNull()) {
      equal.setRegister(src, HelperMemory.notNull(walk, right));
    }
    if (isSomewhere(right) && left.maybeNull()) {
      equal.setRegister(dst, HelperMemory.notNull(walk, left));
    }
  }

  /// Whether what equals a pointer is not 0. Linux takes that of arenas' and untrusted pointers as
  /// well, which may be 0.
  private static boolean isSomewhere(Value pointer) {
    return !pointer.maybeNull()
        && pointer.kind() != Kind.ARENA
        && !pointer.has(Flags.UNTRUSTED)
        && isNearItsTarget(pointer);
  }

  /// All copies of a pointer are 0, or none is.
  private void markNull(VerifierState state, Value pointer, boolean isNull) {
    int id = pointer.id();
    if (isNull && pointer.reference() != 0 && pointer.reference() == id) {
      state.release(Acquired.Kind.REFERENCE, id);
    }
    state.mapValues(value -> {
      if (!value.maybeNull() || value.id() != id) {
        return value;
      }
      if (isNull) {
        return Value.ZERO;
      }
      Value certain = HelperMemory.notNull(walk, value);
      return keepsId(certain) ? certain : certain.withId(0);
    });
  }

  /// Values with locks are told apart by their ids, and so are inner maps with timers.
  private boolean keepsId(Value value) {
    return switch (value.target()) {
      case Target.InMap(var map, int instance) -> value.kind() == Kind.MAP_VALUE && map.hasLock();
      case Target.Typed(var btf, int type) ->
          value.has(Flags.ALLOCATED) && !walk.rules.fields(btf, type).isEmpty();
      case Target.Nothing n -> false;
      case Target.Sized s -> false;
      case Target.InFrame f -> false;
      case Target.Code c -> false;
      case Target.Dynamic d -> false;
      case Target.Iterating i -> false;
      case Target.InterruptFlag f -> false;
    };
  }

  /// @return whether they are compared so that it tells how far the packet goes
  private boolean comparePackets(
      JumpCondition condition, VerifierState other, int dst, int src, Value left, Value right) {
    boolean forward = isBefore(left, right);
    boolean backward = isBefore(right, left);
    if (!forward && !backward) {
      return false;
    }
    Value packet = forward ? left : right;
    int register = forward ? dst : src;
    JumpCondition c = forward ? condition : Comparison.flip(condition);
    // packet COND end, jumping to `other` when it holds
    switch (c) {
      case GREATER -> inside(walk.state, packet, false, other, register, true);
      case GREATER_OR_EQUAL -> inside(walk.state, packet, true, other, register, false);
      case LESS -> inside(other, packet, true, walk.state, register, false);
      case LESS_OR_EQUAL -> inside(other, packet, false, walk.state, register, true);
      case EQUAL,
          NOT_EQUAL,
          ANY_BIT,
          SIGNED_GREATER,
          SIGNED_GREATER_OR_EQUAL,
          SIGNED_LESS,
          SIGNED_LESS_OR_EQUAL -> {
        return false;
      }
    }
    return true;
  }

  /// Whether the first is a pointer into a packet and the second an end that it is checked against.
  private static boolean isBefore(Value packet, Value end) {
    return (packet.kind() == Kind.PACKET && end.kind() == Kind.PACKET_END)
        || (packet.kind() == Kind.PACKET_META && isPacketStart(end));
  }

  private static boolean isPacketStart(Value value) {
    return value.kind() == Kind.PACKET
        && value.offset() == 0
        && value.id() == 0
        && value.number().isZero();
  }

  private void inside(
      VerifierState within,
      Value packet,
      boolean strictly,
      VerifierState outside,
      int register,
      boolean beyond) {
    extendRange(within, packet, strictly);
    Value value = outside.register(register);
    if (value.kind() == Kind.PACKET) {
      outside.setRegister(register, value.withRange(beyond ? Value.BEYOND_END : Value.AT_END));
    }
  }

  /// All pointers that differ from this one by a constant learn how much of the packet is there.
  private static void extendRange(VerifierState state, Value packet, boolean strictly) {
    int offset = packet.offset();
    if (offset < 0 || (offset == 0 && strictly)) {
      return;
    }
    long greatest = packet.number().umax();
    if (Long.compareUnsigned(greatest, MAX_PACKET_OFFSET) > 0
        || greatest + offset > MAX_PACKET_OFFSET) {
      return;
    }
    int range = strictly ? offset + 1 : offset;
    state.mapValues(value ->
        value.kind() == packet.kind()
                && value.flags() == packet.flags()
                && value.id() == packet.id()
                && value.range() < range
            ? value.withRange(range)
            : value);
  }
}
