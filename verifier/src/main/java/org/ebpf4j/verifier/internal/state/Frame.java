package org.ebpf4j.verifier.internal.state;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// One function on the call stack: its registers and its stack of at most 512 bytes.
///
/// A byte of the stack is known by its index down from the frame pointer: the byte at `fp - 1` is
/// 0. Eight of them are a slot; slot 0 is `fp - 8`. A spilled register fills the bytes of its slot
/// from the lowest address up.
///
///      index   15 … 8      7 … 0
///             ┌──────────┬──────────┐
///             │  slot 1  │  slot 0  │ fp
///             └──────────┴──────────┘
///
/// The masks with one bit per slot or register belong to a frame that is kept as a checkpoint: what
/// of it was read later, and what of it must be known precisely.
public final class Frame {
  /// Bytes of a frame's stack.
  public static final int STACK_BYTES = 512;

  /// Bytes of a slot.
  public static final int SLOT_BYTES = 8;

  private static final byte[] NO_BYTES = {};
  private static final Value[] NO_SLOTS = {};

  private final Value[] registers;
  private byte[] bytes = NO_BYTES;
  private Value[] slots = NO_SLOTS;

  /// The call that made this frame, -1 for the outermost.
  public final int callsite;

  /// Its place on the call stack, 0 for the outermost.
  public final int number;

  /// The function that it runs.
  public final int subprogram;

  /// How many asynchronous callbacks were entered on the way here.
  public int asyncEntries;

  /// How often the callback called from here was unrolled.
  public int callbackDepth;

  public boolean inCallback;
  public boolean inAsyncCallback;
  public boolean inExceptionCallback;

  /// For callbacks, what they may return.
  public int returnMin;

  public int returnMax = 1;

  /// The same frame at the checkpoint before.
  public @Nullable Frame parent;

  /// Slots read after this checkpoint.
  public long slotsRead;

  /// Slots wholly written since the checkpoint before.
  public long slotsWritten;

  /// Registers whose exact range the proof depends on.
  public int preciseRegisters;

  /// Slots whose exact range the proof depends on.
  public long preciseSlots;

  public Frame(int callsite, int number, int subprogram) {
    this.callsite = callsite;
    this.number = number;
    this.subprogram = subprogram;
    this.registers = new Value[11];
    Arrays.fill(registers, Value.UNINITIALIZED);
    registers[10] = Value.pointer(Kind.STACK, 0, new Target.InFrame(number));
  }

  private Frame(Frame from) {
    registers = from.registers.clone();
    bytes = from.bytes.length == 0 ? NO_BYTES : from.bytes.clone();
    slots = from.slots.length == 0 ? NO_SLOTS : from.slots.clone();
    callsite = from.callsite;
    number = from.number;
    subprogram = from.subprogram;
    asyncEntries = from.asyncEntries;
    callbackDepth = from.callbackDepth;
    inCallback = from.inCallback;
    inAsyncCallback = from.inAsyncCallback;
    inExceptionCallback = from.inExceptionCallback;
    returnMin = from.returnMin;
    returnMax = from.returnMax;
    parent = from.parent;
    slotsRead = from.slotsRead;
    slotsWritten = from.slotsWritten;
    preciseRegisters = from.preciseRegisters;
    preciseSlots = from.preciseSlots;
  }

  /// Memory that this takes of its own, about: values are shared with other states.
  long memory() {
    return 256 + bytes.length + 8L * slots.length;
  }

  public Frame copy() {
    return new Frame(this);
  }

  public Value register(int number) {
    return registers[number];
  }

  public void setRegister(int number, Value value) {
    registers[number] = value;
  }

  /// Slots in use: all from 0 up to this one were touched or lie before one that was.
  public int slotCount() {
    return slots.length;
  }

  /// Makes room for slots up to the one that holds the byte with this index.
  public void grow(int index) {
    int count = index / SLOT_BYTES + 1;
    if (count > slots.length) {
      int old = slots.length;
      slots = Arrays.copyOf(slots, count);
      Arrays.fill(slots, old, count, Value.UNINITIALIZED);
      bytes = Arrays.copyOf(bytes, count * SLOT_BYTES);
    }
  }

  /// What the byte at an index holds, one of [StackByte].
  public byte byteAt(int index) {
    return index < bytes.length ? bytes[index] : StackByte.INVALID;
  }

  public void setByte(int index, byte content) {
    bytes[index] = content;
  }

  /// The register spilled to a slot, or what describes the object in it.
  public Value slot(int slot) {
    return slot < slots.length ? slots[slot] : Value.UNINITIALIZED;
  }

  public void setSlot(int slot, Value value) {
    slots[slot] = value;
  }

  /// Whether a slot holds a spilled register, whole or in its lower bytes.
  public boolean isSpilled(int slot) {
    return byteAt(slot * SLOT_BYTES + SLOT_BYTES - 1) == StackByte.SPILL;
  }

  public boolean isSpilledScalar(int slot) {
    return isSpilled(slot) && slots[slot].isScalar();
  }

  /// Whether a slot holds a spilled scalar of 8 bytes.
  public boolean isSpilledScalar64(int slot) {
    return byteAt(slot * SLOT_BYTES) == StackByte.SPILL && slots[slot].isScalar();
  }

  /// Whether a slot holds bytes of which nothing is known.
  ///
  /// @param uninitialised whether those that nobody has written are such, too
  public boolean isAllMisc(int slot, boolean uninitialised) {
    for (int i = slot * SLOT_BYTES; i < (slot + 1) * SLOT_BYTES; i++) {
      byte content = byteAt(i);
      if (content != StackByte.MISC && !(uninitialised && content == StackByte.INVALID)) {
        return false;
      }
    }
    return true;
  }

  /// Whether a slot holds more than bytes: a register or an object.
  public boolean isSpecial(int slot) {
    byte content = byteAt(slot * SLOT_BYTES + SLOT_BYTES - 1);
    return StackByte.isSpecial(content);
  }

  /// Forgets the register or object in a slot; its bytes stay initialised.
  public void scrub(int slot) {
    if (!isSpecial(slot)) {
      return;
    }
    for (int i = slot * SLOT_BYTES; i < (slot + 1) * SLOT_BYTES; i++) {
      if (bytes[i] != StackByte.INVALID) {
        bytes[i] = StackByte.MISC;
      }
    }
  }

  /// Puts a register of `size` bytes into a slot.
  public void spill(int slot, Value value, int size) {
    slots[slot] = value;
    int low = slot * SLOT_BYTES;
    int i = SLOT_BYTES;
    for (; i > SLOT_BYTES - size; i--) {
      bytes[low + i - 1] = StackByte.SPILL;
    }
    for (; i > 0; i--) {
      if (bytes[low + i - 1] != StackByte.ZERO && bytes[low + i - 1] != StackByte.INVALID) {
        bytes[low + i - 1] = StackByte.MISC;
      }
    }
    if (size == SLOT_BYTES) {
      slotsWritten |= 1L << slot;
    }
  }

  /// Marks all bytes of a slot.
  public void fill(int slot, byte content) {
    Arrays.fill(bytes, slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES, content);
  }

  /// Notes that slots are read here: checkpoints before this point depend on them, back to where
  /// they were written.
  ///
  /// @return whether a checkpoint learned something
  public boolean markRead(long mask) {
    long reading = mask;
    Frame frame = this;
    boolean changed = false;
    while (true) {
      reading &= ~frame.slotsWritten;
      Frame before = frame.parent;
      if (before == null) {
        return changed;
      }
      reading &= ~before.slotsRead;
      if (reading == 0) {
        return changed;
      }
      changed = true;
      before.slotsRead |= reading;
      frame = before;
    }
  }

  /// Forgets registers and slots that nothing read after this checkpoint.
  public void forgetUnread(int liveRegisters) {
    for (int i = 0; i < 10; i++) {
      if ((liveRegisters & 1 << i) == 0) {
        registers[i] = Value.UNINITIALIZED;
      }
    }
    for (int i = 0; i < slots.length; i++) {
      if ((slotsRead & 1L << i) == 0) {
        slots[i] = Value.UNINITIALIZED;
        fill(i, StackByte.INVALID);
      }
    }
  }
}
