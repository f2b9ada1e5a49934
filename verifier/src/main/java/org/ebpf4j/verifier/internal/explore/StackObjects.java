package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.state.Acquired;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.StackByte;
import org.ebpf4j.verifier.internal.state.Target;
import org.ebpf4j.verifier.internal.state.Target.DynptrType;
import org.ebpf4j.verifier.internal.state.Value;

/// Objects that live on the stack and are used through helpers and kernel functions alone: dynptrs,
/// of two slots each.
final class StackObjects {
  private final Walk walk;
  private final References references;

  StackObjects(Walk walk, References references) {
    this.walk = walk;
    this.references = references;
  }

  /// The upper of the two slots of a dynptr at the pointer, -1 if none may be there.
  int slotOf(Value pointer) {
    if (!pointer.number().isConstant()) {
      throw walk.refuse(Errno.EINVAL, "dynptr has to be at a constant offset");
    }
    int offset = pointer.offset() + (int) pointer.number().value();
    if (offset % Frame.SLOT_BYTES != 0 || offset > -2 * Frame.SLOT_BYTES) {
      throw walk.refuse(Errno.EINVAL, "cannot pass in dynptr at an offset=%d", offset);
    }
    if (offset < -Frame.STACK_BYTES) {
      throw walk.refuse(Errno.EINVAL, "cannot pass in dynptr at an offset=%d", offset);
    }
    return -offset / Frame.SLOT_BYTES - 1;
  }

  /// Whether a dynptr may be made at the pointer.
  boolean mayHoldDynptr(Value pointer) {
    if (pointer.kind() != Kind.STACK || !pointer.number().isConstant()) {
      return false;
    }
    int offset = pointer.offset() + (int) pointer.number().value();
    return offset % Frame.SLOT_BYTES == 0
        && offset <= -2 * Frame.SLOT_BYTES
        && offset >= -Frame.STACK_BYTES;
  }

  /// Whether a dynptr starts at the pointer, which may point anywhere.
  boolean isDynptrAt(Value pointer) {
    return mayHoldDynptr(pointer) && isDynptr(pointer);
  }

  /// Whether a dynptr made at the pointer would lie over one half of another that holds no
  /// reference.
  boolean overlapsHalf(Value pointer, Value other) {
    if (other.id() == 0 || other.reference() != 0) {
      return false;
    }
    int upper = slotOf(pointer);
    Frame frame = walk.state.frameOf(pointer);
    for (int slot = upper; slot > upper - 2; slot--) {
      if (frame.byteAt(slot * Frame.SLOT_BYTES) == StackByte.DYNPTR
          && frame.slot(slot).id() == other.id()
          && frame.slot(slot).target() instanceof Target.Dynamic(var type, boolean first)
          && first != (slot == upper)) {
        return true;
      }
    }
    return false;
  }

  /// Somebody gets a pointer to the stack for an address that may be loaded from, and around it.
  void mayBeLoadedAnywhere(Value pointer) {
    Frame frame = walk.state.frameOf(pointer);
    int bytes = frame.slotCount() * Frame.SLOT_BYTES;
    if (bytes > 0) {
      walk.observed.stack(walk.slot, frame, false, 0, bytes);
    }
  }

  /// Makes a dynptr of two slots that hold none whose loss would leak.
  void createDynptr(Value pointer, DynptrType type, int reference) {
    Frame frame = walk.state.frameOf(pointer);
    int slot = slotOf(pointer);
    frame.grow(slot * Frame.SLOT_BYTES + Frame.SLOT_BYTES - 1);
    walk.observed.stack(
        walk.slot, frame, false, (slot - 1) * Frame.SLOT_BYTES, (slot + 1) * Frame.SLOT_BYTES);
    destroyDynptr(frame, slot);
    destroyDynptr(frame, slot - 1);
    int id = walk.newId();
    Value object = Value.pointer(Kind.DYNPTR).withId(id).withReference(reference);
    frame.setSlot(slot, object.withTarget(new Target.Dynamic(type, true)));
    frame.setSlot(slot - 1, object.withTarget(new Target.Dynamic(type, false)));
    frame.fill(slot, StackByte.DYNPTR);
    frame.fill(slot - 1, StackByte.DYNPTR);
    frame.slotsWritten |= 3L << (slot - 1);
  }

  /// Whether a dynptr starts at the pointer.
  boolean isDynptr(Value pointer) {
    Frame frame = walk.state.frameOf(pointer);
    int slot = slotOf(pointer);
    return frame.byteAt(slot * Frame.SLOT_BYTES) == StackByte.DYNPTR
        && frame.byteAt((slot - 1) * Frame.SLOT_BYTES) == StackByte.DYNPTR
        && frame.slot(slot).target() instanceof Target.Dynamic(var type, boolean first)
        && first;
  }

  /// The dynptr at the pointer, which must be one; marks it read.
  Value dynptr(Value pointer) {
    if (pointer.kind() == Kind.DYNPTR) {
      return pointer;
    }
    Frame frame = walk.state.frameOf(pointer);
    int slot = slotOf(pointer);
    frame.markRead(3L << (slot - 1));
    return frame.slot(slot);
  }

  /// A store over part of a dynptr ends it, with all slices that end with it. One that holds a
  /// reference must not be lost.
  void destroyDynptr(Frame frame, int slot) {
    if (frame.byteAt(slot * Frame.SLOT_BYTES) != StackByte.DYNPTR) {
      return;
    }
    if (!(frame.slot(slot).target() instanceof Target.Dynamic(var type, boolean first))) {
      return;
    }
    int upper = first ? slot : slot + 1;
    Value object = frame.slot(upper);
    if (type.isCounted()) {
      throw walk.refuse(Errno.EINVAL, "cannot overwrite referenced dynptr");
    }
    erase(frame, upper);
    forgetSlices(object.id());
  }

  private static void erase(Frame frame, int upper) {
    frame.fill(upper, StackByte.INVALID);
    frame.fill(upper - 1, StackByte.INVALID);
    frame.setSlot(upper, Value.UNINITIALIZED);
    frame.setSlot(upper - 1, Value.UNINITIALIZED);
    frame.slotsWritten |= 3L << (upper - 1);
  }

  /// Ends the dynptr that a helper gives back, its clones, and all slices that end with them.
  void releaseDynptr(Value pointer) {
    Frame frame = walk.state.frameOf(pointer);
    int slot = slotOf(pointer);
    Value object = frame.slot(slot);
    int reference = object.reference();
    if (reference == 0) {
      erase(frame, slot);
      forgetSlices(object.id());
      return;
    }
    if (!walk.state.holds(Acquired.Kind.REFERENCE, reference)) {
      throw walk.refuse(Errno.EINVAL, "release of an unacquired dynptr reference");
    }
    references.release(reference);
    for (int f = 0; f <= walk.state.depth(); f++) {
      Frame in = walk.state.frame(f);
      for (int i = 0; i < in.slotCount(); i++) {
        Value clone = in.slot(i);
        if (in.byteAt(i * Frame.SLOT_BYTES) == StackByte.DYNPTR
            && clone.reference() == reference
            && clone.target() instanceof Target.Dynamic(var type, boolean first)
            && first) {
          erase(in, i);
          forgetSlices(clone.id());
        }
      }
    }
  }

  private void forgetSlices(int dynptr) {
    walk.state.mapValues(value ->
        value.target() instanceof Target.Sized(int size, int from, Target.End end)
                && from == dynptr
                && end == Target.End.DYNPTR
            ? walk.secrecy.voided()
            : value);
  }
}
