package org.ebpf4j.verifier.internal.state;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Whether an old state, explored and found safe, covers a current one: every concrete state of the
/// current one is one of the old one's, so far as what follows depends on it.
public final class StateComparison {
  /// How much has to agree.
  public enum Mode {
    /// What the old state's explored paths read and needed precisely.
    NEEDED,
    /// Everything, ranges of the current state within the old one's.
    WITHIN,
    /// Everything, exactly.
    EXACT
  }

  /// Which registers are live before an instruction: bit `n` for register `n`.
  public interface LiveRegisters {
    int before(int slot);
  }

  private final IdMap ids = new IdMap();
  private final LiveRegisters live;
  private final boolean unprivileged;

  /// @param unprivileged whether all numbers count, however little the proof depends on them, and
  ///   bytes of the stack may be read only where a program has put bytes
  public StateComparison(LiveRegisters live, boolean unprivileged) {
    this.live = live;
    this.unprivileged = unprivileged;
  }

  /// Whether `old` covers `current`.
  ///
  /// @param lastId the highest id in use
  public boolean covers(VerifierState old, VerifierState current, Mode mode, int lastId) {
    if (old.depth() != current.depth() || !samePlaces(old, current)) {
      return false;
    }
    ids.reset(lastId);
    if (!sameSections(old, current)) {
      return false;
    }
    for (int i = 0; i <= old.depth(); i++) {
      int slot = i == old.depth() ? old.slot : old.frame(i + 1).callsite;
      if (!frameCovers(old.frame(i), current.frame(i), live.before(slot), mode)) {
        return false;
      }
    }
    return true;
  }

  /// Whether both are in the same functions, called from the same places.
  public static boolean samePlaces(VerifierState a, VerifierState b) {
    if (a.slot != b.slot || a.depth() != b.depth()) {
      return false;
    }
    for (int i = a.depth(); i >= 0; i--) {
      if (a.frame(i).callsite != b.frame(i).callsite) {
        return false;
      }
    }
    return true;
  }

  private boolean sameSections(VerifierState old, VerifierState current) {
    if (old.inRcu != current.inRcu
        || old.rcuDepth != current.rcuDepth
        || old.preemptDepth != current.preemptDepth
        || old.sleepable != current.sleepable
        || old.lockCount != current.lockCount
        || !ids.match(old.activeIrqId, current.activeIrqId)
        || !ids.match(old.activeLockId, current.activeLockId)
        || !Objects.equals(old.activeLockOwner, current.activeLockOwner)
        || old.acquiredCount() != current.acquiredCount()) {
      return false;
    }
    for (int i = 0; i < old.acquiredCount(); i++) {
      Acquired a = old.acquired(i);
      Acquired b = current.acquired(i);
      if (a.kind() != b.kind() || a.owner() != b.owner() || !ids.match(a.id(), b.id())) {
        return false;
      }
    }
    return true;
  }

  private boolean frameCovers(Frame old, Frame current, int liveRegisters, Mode mode) {
    if (old.callbackDepth > current.callbackDepth || old.subprogram != current.subprogram) {
      return false;
    }
    for (int i = 0; i < 10; i++) {
      if ((liveRegisters & 1 << i) != 0) {
        boolean precise = (old.preciseRegisters & 1 << i) != 0;
        if (!valueCovers(old.register(i), current.register(i), precise, mode)) {
          return false;
        }
      }
    }
    return stackCovers(old, current, mode);
  }

  private boolean valueCovers(Value old, Value current, boolean precise, Mode mode) {
    if (old == current && old.id() == 0 && old.lifetime() == 0) {
      return true;
    }
    if (mode == Mode.EXACT) {
      return exact(old, current);
    }
    if (old.kind() == Kind.UNINITIALIZED && mode == Mode.NEEDED) {
      return true;
    }
    if (old.kind() != current.kind() || old.flags() != current.flags()) {
      return false;
    }
    return switch (old.kind()) {
      case UNINITIALIZED, ARENA -> true;
      case SCALAR -> scalarCovers(old, current, precise || mode != Mode.NEEDED);
      case MAP_KEY, MAP_VALUE, MEMORY, BUFFER, TRACE_BUFFER ->
          old.sameTarget(current)
              && old.number().contains(current.number())
              && ids.match(old.id(), current.id())
              && sameReference(old, current);
      case PACKET, PACKET_META -> packetCovers(old, current);
      case CONTEXT,
          MAP,
          STACK,
          PACKET_END,
          FLOW_KEYS,
          SOCKET,
          SOCK_COMMON,
          TCP_SOCK,
          XDP_SOCK,
          BTF_OBJECT,
          FUNCTION,
          DYNPTR,
          ITERATOR,
          IRQ_FLAG ->
          exact(old, current);
    };
  }

  private boolean exact(Value old, Value current) {
    return old.sameShape(current)
        && ids.match(old.id(), current.id())
        && sameReference(old, current);
  }

  private boolean sameReference(Value old, Value current) {
    return (old.reference() == 0) == (current.reference() == 0)
        && ids.match(old.lifetime(), current.lifetime());
  }

  private boolean scalarCovers(Value old, Value current, boolean precise) {
    if (!precise && !unprivileged) {
      return true;
    }
    int oldPlus = old.id() & Value.PLUS_CONSTANT;
    int currentPlus = current.id() & Value.PLUS_CONSTANT;
    if (oldPlus != currentPlus && old.id() != 0) {
      return false;
    }
    if (oldPlus != 0 && old.offset() != current.offset()) {
      return false;
    }
    return ids.matchScalar(old.id(), current.id()) && old.number().contains(current.number());
  }

  private boolean packetCovers(Value old, Value current) {
    if (old.range() < 0 || current.range() < 0) {
      if (old.range() != current.range()) {
        return false;
      }
    } else if (old.range() > current.range()) {
      return false;
    }
    return old.offset() == current.offset()
        && ids.match(old.id(), current.id())
        && old.number().contains(current.number());
  }

  private boolean stackCovers(Frame old, Frame current, Mode mode) {
    for (int slot = 0; slot < old.slotCount(); slot++) {
      if (mode == Mode.NEEDED && (old.slotsRead & 1L << slot) == 0) {
        continue;
      }
      if (mode != Mode.NEEDED && !sameBytes(old, current, slot)) {
        return false;
      }
      if (!slotCovers(old, current, slot, mode)) {
        return false;
      }
    }
    return true;
  }

  private static boolean sameBytes(Frame old, Frame current, int slot) {
    if (slot >= current.slotCount()) {
      return false;
    }
    for (int i = slot * Frame.SLOT_BYTES; i < (slot + 1) * Frame.SLOT_BYTES; i++) {
      if (old.byteAt(i) != current.byteAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean slotCovers(Frame old, Frame current, int slot, Mode mode) {
    if (isAnything(old, slot)) {
      return true;
    }
    if (slot >= current.slotCount()) {
      return false;
    }
    Value before = number(old, slot);
    Value now = before == null ? null : number(current, slot);
    if (before != null && now != null) {
      boolean precise = (old.preciseSlots & 1L << slot) != 0;
      return valueCovers(before, now, precise, mode);
    }
    for (int i = slot * Frame.SLOT_BYTES; i < (slot + 1) * Frame.SLOT_BYTES; i++) {
      if (!byteCovers(old.byteAt(i), current.byteAt(i))) {
        return false;
      }
    }
    return objectCovers(old, current, slot, mode);
  }

  private boolean isAnything(Frame old, int slot) {
    for (int i = slot * Frame.SLOT_BYTES; i < (slot + 1) * Frame.SLOT_BYTES; i++) {
      if (!isAnything(old.byteAt(i))) {
        return false;
      }
    }
    return true;
  }

  /// Whether a byte of an old state covers all that may be there: nothing depends on one that was
  /// not there. Who may read all of the stack as bytes has no other use of one that is just a byte
  /// (`allow_uninit_stack`).
  private boolean isAnything(byte before) {
    return before == StackByte.INVALID || (before == StackByte.MISC && !unprivileged);
  }

  private boolean byteCovers(byte before, byte now) {
    return isAnything(before)
        || before == now
        || (before == StackByte.MISC && now == StackByte.ZERO);
  }

  /// The number of 8 bytes in a slot, or `null` if there may be something else.
  private @Nullable Value number(Frame frame, int slot) {
    if (frame.isSpilledScalar64(slot)) {
      return frame.slot(slot);
    }
    return frame.isAllMisc(slot, !unprivileged) ? Value.UNKNOWN : null;
  }

  /// The register or object in a slot, known by the byte at the lowest address.
  private boolean objectCovers(Frame old, Frame current, int slot, Mode mode) {
    Value before = old.slot(slot);
    Value now = current.slot(slot);
    return switch (old.byteAt(slot * Frame.SLOT_BYTES + Frame.SLOT_BYTES - 1)) {
      case StackByte.SPILL -> {
        boolean precise = (old.preciseSlots & 1L << slot) != 0;
        yield valueCovers(before, now, precise, mode);
      }
      case StackByte.DYNPTR, StackByte.IRQ_FLAG, StackByte.ITERATOR ->
          before.kind() == now.kind()
              && before.flags() == now.flags()
              && sameObject(before.target(), now.target())
              && ids.match(before.id(), now.id())
              && ids.match(before.reference(), now.reference());
      default -> true;
    };
  }

  /// The depth of an iterator is not compared: it only counts rounds.
  private static boolean sameObject(Target before, Target now) {
    if (before instanceof Target.Iterating(String type, boolean active, int depth)
        && now instanceof Target.Iterating(String type2, boolean active2, int depth2)) {
      return type.equals(type2) && active == active2;
    }
    return before.equals(now);
  }
}
