package org.ebpf4j.verifier.internal.explore;

import org.ebpf4j.error.Errno;
import org.ebpf4j.verifier.internal.domain.Scalar;
import org.ebpf4j.verifier.internal.state.Frame;
import org.ebpf4j.verifier.internal.state.Kind;
import org.ebpf4j.verifier.internal.state.StackByte;
import org.ebpf4j.verifier.internal.state.Value;
import org.jspecify.annotations.Nullable;

/// Loads, stores and helpers' accesses on the stack. Offsets count from the frame pointer and are
/// negative; the byte at offset `o` has index `-o - 1` in [Frame].
final class StackAccess {
  /// A load or store that is no value of a register.
  static final int NO_REGISTER = -1;

  private final Walk walk;
  private final StackObjects objects;

  StackAccess(Walk walk, StackObjects objects) {
    this.walk = walk;
    this.objects = objects;
  }

  /// Who accesses.
  enum By {
    LOAD(" read from"),
    STORE(" write to"),
    HELPER_READ(" read from"),
    HELPER_WRITE(" write to");

    private final String words;

    By(String words) {
      this.words = words;
    }
  }

  /// Checks that an access lies in the frame, and makes room for it.
  void checkBounds(int register, Value pointer, int offset, int size, By by) {
    Scalar number = pointer.number();
    long min;
    long max;
    if (number.isConstant()) {
      min = number.value() + offset;
      max = min + size;
    } else {
      if (number.smax() >= PointerArithmetic.MAX_OFFSET
          || number.smin() <= -PointerArithmetic.MAX_OFFSET) {
        throw walk.refuse(
            Errno.EACCES, "invalid unbounded variable-offset%s stack R%d", by.words, register);
      }
      min = number.smin() + offset;
      max = number.smax() + offset + size;
    }
    boolean write = by == By.STORE || by == By.HELPER_WRITE;
    int deepest = write ? Frame.STACK_BYTES : walk.secrecy.readable(walk.state.frameOf(pointer));
    boolean starts = min >= -deepest && min <= -1;
    if (!starts || max > 0 || size < 0) {
      Errno errno = !starts ? Errno.EACCES : max > 0 ? Errno.EINVAL : Errno.EFAULT;
      if (number.isConstant()) {
        throw walk.refuse(
            errno, "invalid%s stack R%d off=%d size=%d", by.words, register, (int) min, size);
      }
      throw walk.refuse(
          errno,
          "invalid variable-offset%s stack R%d var_off=%s off=%d size=%d",
          by.words,
          register,
          number.bits(),
          offset,
          size);
    }
    Frame frame = walk.state.frameOf(pointer);
    frame.grow((int) -min - 1);
    noteDepth(frame, (int) -min);
    walk.observed.stack(walk.slot, frame, frame == walk.state.top(), (int) -max, (int) -min);
  }

  private void noteDepth(Frame frame, int depth) {
    var subprogram = walk.code.subprogram(frame.subprogram);
    subprogram.stackDepth = Math.max(subprogram.stackDepth, depth);
  }

  /// A load of `size` bytes. With [#NO_REGISTER] the value goes nowhere, and must not be a
  /// pointer's place to hide in.
  void load(int register, Value pointer, int offset, int size, int dst) {
    Frame frame = walk.state.frameOf(pointer);
    Scalar number = pointer.number();
    if (number.isConstant()) {
      loadFixed(frame, offset + (int) number.value(), size, dst);
      return;
    }
    if (dst == NO_REGISTER) {
      throw walk.refuse(
          Errno.EACCES,
          "variable offset stack pointer cannot be passed into helper function; var_off=%s off=%d"
              + " size=%d",
          number.bits(),
          offset,
          size);
    }
    checkInitialized(register, pointer, offset, size, By.LOAD);
    int min = (int) number.smin() + offset;
    int max = (int) number.smax() + offset;
    walk.write(dst, allZero(frame, min, max + size) ? Value.ZERO : Value.UNKNOWN);
  }

  private void loadFixed(Frame frame, int offset, int size, int dst) {
    int index = -offset - 1;
    int slot = index / Frame.SLOT_BYTES;
    int note = 0;
    if (frame.isSpilled(slot)) {
      note = loadSpilled(frame, offset, size, dst, slot);
    } else {
      for (int i = 0; i < size; i++) {
        byte content = frame.byteAt(index - i);
        if (content >= StackByte.DYNPTR || isUnreadable(content)) {
          throw walk.refuse(
              Errno.EACCES, "invalid read from stack off %d+%d size %d", offset, i, size);
        }
      }
      if (dst != NO_REGISTER) {
        boolean zero = allZero(frame, offset, offset + size);
        walk.write(dst, zero ? Value.ZERO : Value.UNKNOWN);
      }
    }
    frame.markRead(1L << slot);
    if (note != 0) {
      walk.note(note, 0);
    }
  }

  /// @return what backtracking needs to know, 0 if the register does not get what was spilled
  private int loadSpilled(Frame frame, int offset, int size, int dst, int slot) {
    Value spilled = frame.slot(slot);
    int spilledSize = 1;
    int low = slot * Frame.SLOT_BYTES;
    for (int i = Frame.SLOT_BYTES - 1; i > 0 && frame.byteAt(low + i - 1) == StackByte.SPILL; i--) {
      spilledSize++;
    }
    int note = Notes.stackAccess(frame.number, slot);
    if (size == Frame.SLOT_BYTES && spilledSize == Frame.SLOT_BYTES) {
      if (dst != NO_REGISTER) {
        walk.write(dst, spilled);
      } else if (walk.secrecy.isOn() && !spilled.isScalar()) {
        throw walk.refuse(Errno.EACCES, "leaking pointer from stack off %d", offset);
      }
      return note;
    }
    if (!spilled.isScalar()) {
      throw walk.refuse(Errno.EACCES, "invalid size of register fill");
    }
    if (dst == NO_REGISTER) {
      return 0;
    }
    if (size <= spilledSize && offset % Frame.SLOT_BYTES == 0) {
      boolean whole = spilled.number().width() <= size * 8;
      walk.write(dst, whole ? spilled : spilled.unlinked());
      return note;
    }
    return loadParts(frame, offset, size, dst, spilled) ? note : 0;
  }

  /// A load that does not start where the spilled register does, or goes beyond it.
  ///
  /// @return whether the register gets what was spilled
  private boolean loadParts(Frame frame, int offset, int size, int dst, Value spilled) {
    int index = -offset - 1;
    int spillBytes = 0;
    int zeroBytes = 0;
    for (int i = 0; i < size; i++) {
      byte content = frame.byteAt(index - i);
      switch (content) {
        case StackByte.SPILL -> spillBytes++;
        case StackByte.ZERO -> zeroBytes++;
        case StackByte.MISC -> {}
        default -> {
          if (content != StackByte.INVALID || isUnreadable(content)) {
            throw walk.refuse(
                Errno.EACCES, "invalid read from stack off %d+%d size %d", offset, i, size);
          }
        }
      }
    }
    boolean spilledZero = spillBytes == size && spilled.isZero();
    walk.write(dst, spilledZero || zeroBytes == size ? Value.ZERO : Value.UNKNOWN);
    return spilledZero;
  }

  private static boolean allZero(Frame frame, int min, int max) {
    for (int offset = min; offset < max; offset++) {
      if (frame.byteAt(-offset - 1) != StackByte.ZERO) {
        return false;
      }
    }
    return true;
  }

  /// A store of `size` bytes: of a register, or with [#NO_REGISTER] of `constant`, where `null` is
  /// an unknown number.
  void store(Value pointer, int offset, int size, int src, @Nullable Scalar constant) {
    Frame frame = walk.state.frameOf(pointer);
    if (pointer.number().isConstant()) {
      storeFixed(frame, offset + (int) pointer.number().value(), size, src, constant);
    } else {
      storeVariable(frame, pointer, offset, size, src, constant);
    }
  }

  private void storeFixed(Frame frame, int offset, int size, int src, @Nullable Scalar constant) {
    int index = -offset - 1;
    int slot = index / Frame.SLOT_BYTES;
    boolean aligned = offset % Frame.SLOT_BYTES == 0;
    objects.destroyDynptr(frame, slot);
    boolean secret = walk.secrecy.isOn();
    if (secret
        && size != Frame.SLOT_BYTES
        && frame.isSpilled(slot)
        && !frame.isSpilledScalar(slot)) {
      throw walk.refuse(Errno.EACCES, "attempt to corrupt spilled pointer on stack");
    }
    Value value = src == NO_REGISTER ? Value.UNKNOWN : walk.peek(src);
    if (src != NO_REGISTER && aligned && value.isScalar() && !secret) {
      boolean fits = value.number().width() <= size * 8;
      if (fits) {
        value = walk.linked(src);
      }
      frame.spill(slot, fits ? value : value.withId(0).withOffset(0), size);
      walk.note(Notes.stackAccess(frame.number, slot), 0);
    } else if (src == NO_REGISTER && aligned && constant != null && !secret) {
      frame.spill(slot, Value.scalar(constant), size);
      walk.note(Notes.stackAccess(frame.number, slot), 0);
    } else if (src != NO_REGISTER && value.isPointer() && value.kind().isSpillable()) {
      if (size != Frame.SLOT_BYTES) {
        throw walk.refuse(Errno.EACCES, "invalid size of register spill");
      }
      if (frame != walk.state.top() && value.kind() == Kind.STACK) {
        throw walk.refuse(
            Errno.EINVAL, "cannot spill pointers to stack into stack frame of the caller");
      }
      frame.spill(slot, value, size);
      walk.note(Notes.stackAccess(frame.number, slot), 0);
    } else {
      boolean zero = src == NO_REGISTER ? constant != null && constant.isZero() : value.isZero();
      storeBytes(frame, index, slot, size, zero);
      if (zero && src != NO_REGISTER) {
        walk.needPrecise(src);
      }
    }
  }

  private static void storeBytes(Frame frame, int index, int slot, int size, boolean zero) {
    frame.scrub(slot);
    if (size == Frame.SLOT_BYTES) {
      frame.slotsWritten |= 1L << slot;
    }
    for (int i = 0; i < size; i++) {
      frame.setByte(index - i, zero ? StackByte.ZERO : StackByte.MISC);
    }
  }

  /// Every byte that the store may reach holds something afterwards; what is spilled there is
  /// forgotten.
  private void storeVariable(
      Frame frame, Value pointer, int offset, int size, int src, @Nullable Scalar constant) {
    int min = (int) pointer.number().smin() + offset;
    int max = (int) pointer.number().smax() + offset + size;
    boolean zero =
        src == NO_REGISTER ? constant != null && constant.isZero() : walk.peek(src).isZero();
    boolean zeroUsed = false;
    for (int o = min; o < max; o++) {
      objects.destroyDynptr(frame, (-o - 1) / Frame.SLOT_BYTES);
    }
    for (int o = min; o < max; o++) {
      int index = -o - 1;
      int slot = index / Frame.SLOT_BYTES;
      byte before = frame.byteAt(index);
      if (zero
          && before == StackByte.SPILL
          && frame.isSpilledScalar(slot)
          && frame.slot(slot).isZero()) {
        zeroUsed = true;
        continue;
      }
      frame.scrub(slot);
      boolean stays = zero && before == StackByte.ZERO;
      zeroUsed |= stays;
      frame.setByte(index, stays ? StackByte.ZERO : StackByte.MISC);
    }
    if (zeroUsed && src != NO_REGISTER) {
      walk.needPrecise(src);
    }
  }

  /// Checks that a helper, or a load at a variable offset, may read the stack there, and marks it
  /// read. What a helper may also write is forgotten.
  void checkInitialized(int register, Value pointer, int offset, int size, By by) {
    checkBounds(register, pointer, offset, size, by);
    Frame frame = walk.state.frameOf(pointer);
    Scalar number = pointer.number();
    if (walk.secrecy.isOn() && !number.isConstant()) {
      throw walk.refuse(
          Errno.EACCES,
          "R%d variable offset stack access prohibited for !root, var_off=%s",
          register,
          number.bits());
    }
    int min = (int) (number.isConstant() ? number.value() : number.smin()) + offset;
    int max = (int) (number.isConstant() ? number.value() : number.smax()) + offset + size;
    boolean clobber = by == By.HELPER_WRITE;
    for (int o = min; o < max; o++) {
      int index = -o - 1;
      int slot = index / Frame.SLOT_BYTES;
      byte content = frame.byteAt(index);
      boolean secret =
          content == StackByte.SPILL && !frame.isSpilledScalar(slot) && walk.secrecy.isOn();
      if (content >= StackByte.DYNPTR || secret || isUnreadable(content)) {
        if (number.isConstant()) {
          throw walk.refuse(
              Errno.EACCES,
              "invalid read from stack R%d off %d+%d size %d",
              register,
              min,
              o - min,
              size);
        }
        throw walk.refuse(
            Errno.EACCES,
            "invalid read from stack R%d var_off %s+%d size %d",
            register,
            number.bits(),
            o - min,
            size);
      }
      if (clobber) {
        if (content == StackByte.SPILL) {
          frame.scrub(slot);
          frame.setSlot(slot, Value.UNKNOWN);
        } else {
          frame.setByte(index, StackByte.MISC);
        }
      }
      frame.markRead(1L << slot);
    }
  }

  /// Bytes that nobody wrote may be read by the privileged.
  private boolean isUnreadable(byte content) {
    return content == StackByte.INVALID && walk.secrecy.isOn();
  }

  /// Checks that a helper may write the stack there without reading it first.
  void checkRaw(int register, Value pointer, int offset, int size) {
    checkBounds(register, pointer, offset, size, By.HELPER_WRITE);
    Frame frame = walk.state.frameOf(pointer);
    int min = (int) pointer.number().value() + offset;
    for (int o = min; o < min + size; o++) {
      if (frame.byteAt(-o - 1) == StackByte.DYNPTR) {
        throw walk.refuse(Errno.EACCES, "potential write to dynptr at off=%d disallowed", o);
      }
    }
  }

  /// A helper has written there.
  void writeRaw(Value pointer, int size) {
    Frame frame = walk.state.frameOf(pointer);
    int min = (int) pointer.number().value() + pointer.offset();
    for (int o = min; o < min + size; o++) {
      int index = -o - 1;
      int slot = index / Frame.SLOT_BYTES;
      objects.destroyDynptr(frame, slot);
      frame.scrub(slot);
      frame.setByte(index, StackByte.MISC);
    }
  }
}
