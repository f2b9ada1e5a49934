package org.ebpf4j.verifier.internal.facts;

import org.ebpf4j.abi.MapType;
import org.ebpf4j.verifier.PointerKind;
import org.ebpf4j.verifier.PointerTarget;
import org.ebpf4j.verifier.RegisterFact;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.domain.Tnum;
import org.ebpf4j.verifier.internal.state.Flags;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Value;
import org.jspecify.annotations.Nullable;

/// Pointers of the walk, joined and told to the outside.
///
/// Frames are told apart by whether they are the function's own only, for one function may run at
/// several depths.
final class Pointers {
  /// The target of pointers into the frame of the function itself.
  static final Target OWN_FRAME = new Target.InFrame(0);

  private static final Target CALLERS_FRAME = new Target.InFrame(-1);

  private Pointers() {}

  /// A pointer as a function sees it that runs at a depth of the call stack.
  static Value seenAt(int depth, Value pointer) {
    return pointer.target() instanceof Target.InFrame(int frame)
        ? pointer.withTarget(frame == depth ? OWN_FRAME : CALLERS_FRAME)
        : pointer;
  }

  /// The least pointer that covers both, or [Value#UNINITIALIZED] if none does.
  static Value join(Value a, Value b) {
    if (kind(a.kind()) != kind(b.kind()) || a.isUntrustedMemory() != b.isUntrustedMemory()) {
      return Value.UNINITIALIZED;
    }
    Value joined = a;
    long stride = Math.min(stride(a), strideOfBoth(residue(a) - residue(b), stride(b)));
    if (least(b) < least(a) || greatest(b) > greatest(a) || stride < stride(a)) {
      long least = Math.min(least(a), least(b));
      long greatest = Math.max(greatest(a), greatest(b));
      Tnum bits = new Tnum(residue(a) & (stride - 1), -stride);
      joined = joined.withOffset(0).withNumber(Scalar.signedRangeAlone(least, greatest, bits));
    }
    if (a.target() != b.target() && !a.target().equals(b.target())) {
      joined = joined.withTarget(join(a.target(), b.target()));
    }
    return joined.withFlags(joined.flags() | (b.flags() & Flags.MAYBE_NULL));
  }

  private static Target join(Target a, Target b) {
    if (a instanceof Target.InMap(var map, int instance)
        && b instanceof Target.InMap(var map2, int instance2)
        && map == map2) {
      return new Target.InMap(map, 0);
    }
    return a instanceof Target.Sized one && b instanceof Target.Sized other
        ? Target.Sized.of(Math.min(one.size(), other.size()))
        : Target.NONE;
  }

  /// A power of two that the distances of a pointer from the start of its target differ by
  /// multiples of; not more than anybody asks for.
  private static long stride(Value pointer) {
    return strideOfBoth(pointer.number().bits().mask(), RegisterFact.Pointer.WIDEST_STRIDE);
  }

  /// The greatest stride that what differs by a number and what lies on a stride have in common.
  private static long strideOfBoth(long difference, long stride) {
    return Long.lowestOneBit(difference | stride);
  }

  /// What distances are, but for multiples of the stride.
  private static long residue(Value pointer) {
    return pointer.number().bits().value() + pointer.offset();
  }

  /// The least distance of a pointer from the start of its target.
  static long least(Value pointer) {
    return sum(pointer.number().smin(), pointer.offset());
  }

  /// The greatest one.
  static long greatest(Value pointer) {
    return sum(pointer.number().smax(), pointer.offset());
  }

  /// The sum, or the end of the range where it does not fit.
  private static long sum(long distance, int offset) {
    long sum = distance + offset;
    boolean overflows = ((distance ^ sum) & (offset ^ sum)) < 0;
    return overflows ? (offset < 0 ? Long.MIN_VALUE : Long.MAX_VALUE) : sum;
  }

  /// Whether it always points at the same byte of the function's own frame.
  static boolean isFixedInOwnFrame(Value pointer) {
    return pointer.kind() == Kind.STACK
        && pointer.target() == OWN_FRAME
        && pointer.number().isConstant();
  }

  /// The offset of such a pointer.
  static int offset(Value pointer) {
    return pointer.offset() + (int) pointer.number().value();
  }

  static RegisterFact fact(Value pointer, ProgramCode code) {
    PointerKind kind = kind(pointer.kind());
    if (kind == null || pointer.isUntrustedMemory()) {
      return new RegisterFact.Unknown();
    }
    if (pointer.target() instanceof Target.InMap(var map, int instance) && pointer.maybeNull()) {
      // Until it is compared with 0, the walk takes what a lookup gives for a value, whatever the
      // map holds.
      if (map.inner().isPresent()) {
        return new RegisterFact.Pointer(
            PointerKind.MAP, true, 0, new PointerTarget.OfInnerMap(map.name()));
      }
      if (MapType.XSKMAP == map.type()
          || MapType.SOCKMAP == map.type()
          || MapType.SOCKHASH == map.type()) {
        return new RegisterFact.Pointer(PointerKind.SOCKET, true, 0, new PointerTarget.Any());
      }
    }
    long stride = stride(pointer);
    int toStride = (int) ((residue(pointer) - least(pointer)) & (stride - 1));
    return new RegisterFact.Pointer(
        kind,
        pointer.maybeNull(),
        sum(least(pointer), toStride),
        greatest(pointer),
        (int) stride,
        target(pointer, code));
  }

  private static PointerTarget target(Value pointer, ProgramCode code) {
    return switch (pointer.target()) {
      case Target.InMap(var map, int instance) ->
          map.outer().isPresent()
              ? new PointerTarget.OfInnerMap(map.outer().get())
              : new PointerTarget.OfMap(map.name());
      case Target.InFrame frame ->
          frame == OWN_FRAME ? new PointerTarget.OwnFrame() : new PointerTarget.CallersFrame();
      case Target.Sized sized -> new PointerTarget.Block(sized.size());
      case Target.Code(int subprogram) ->
          new PointerTarget.OfFunction(code.subprogram(subprogram).start());
      case Target.Nothing n -> new PointerTarget.Any();
      case Target.Typed t -> new PointerTarget.Any();
      case Target.Dynamic d -> new PointerTarget.Any();
      case Target.Iterating i -> new PointerTarget.Any();
      case Target.InterruptFlag f -> new PointerTarget.Any();
    };
  }

  /// The kind as facts give it; nothing for what no register holds.
  private static @Nullable PointerKind kind(Kind kind) {
    return switch (kind) {
      case CONTEXT -> PointerKind.CONTEXT;
      case MAP -> PointerKind.MAP;
      case MAP_VALUE -> PointerKind.MAP_VALUE;
      case MAP_KEY -> PointerKind.MAP_KEY;
      case STACK -> PointerKind.STACK;
      case PACKET_META -> PointerKind.PACKET_META;
      case PACKET -> PointerKind.PACKET;
      case PACKET_END -> PointerKind.PACKET_END;
      case FLOW_KEYS -> PointerKind.FLOW_KEYS;
      case SOCKET, SOCK_COMMON, TCP_SOCK, XDP_SOCK -> PointerKind.SOCKET;
      case BTF_OBJECT -> PointerKind.BTF_OBJECT;
      case MEMORY -> PointerKind.MEMORY;
      case ARENA -> PointerKind.ARENA;
      case TRACE_BUFFER, BUFFER -> PointerKind.BUFFER;
      case FUNCTION -> PointerKind.FUNCTION;
      case DYNPTR -> PointerKind.DYNPTR;
      case UNINITIALIZED, SCALAR, ITERATOR, IRQ_FLAG -> null;
    };
  }
}
