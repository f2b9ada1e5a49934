package org.ebpf4j.testkit;

import java.util.Arrays;
import org.ebpf4j.testkit.Content.Nothing;
import org.ebpf4j.testkit.Content.Pointer;
import org.ebpf4j.testkit.Content.Scalar;

/// What the generator takes all registers and stack slots of a function to hold, at the place where
/// it writes.
final class Model {
  /// Stack slots of 8 bytes that values are spilled to, counted from the frame pointer down.
  static final int SLOTS = 8;

  private final Content[] registers = new Content[10];
  private final Content[] slots = new Content[SLOTS];

  Model() {
    Arrays.fill(registers, Content.NOTHING);
    Arrays.fill(slots, Content.NOTHING);
  }

  Content register(int number) {
    return registers[number];
  }

  void set(int number, Content content) {
    registers[number] = content;
  }

  Content slot(int number) {
    return slots[number];
  }

  void setSlot(int number, Content content) {
    slots[number] = content;
  }

  Model copy() {
    Model copy = new Model();
    copy.become(this);
    return copy;
  }

  /// Takes on what another one holds.
  void become(Model other) {
    System.arraycopy(other.registers, 0, registers, 0, registers.length);
    System.arraycopy(other.slots, 0, slots, 0, slots.length);
  }

  /// Two paths meet: what holds on both stays.
  void join(Model other) {
    for (int i = 0; i < registers.length; i++) {
      registers[i] = join(registers[i], other.registers[i]);
    }
    for (int i = 0; i < slots.length; i++) {
      slots[i] = join(slots[i], other.slots[i]);
    }
  }

  private static Content join(Content a, Content b) {
    if (a.equals(b)) {
      return a;
    }
    if (a instanceof Scalar(Range x, int first) && b instanceof Scalar(Range y, int second)) {
      return new Scalar(x.union(y), first == second ? first : -1);
    }
    if (a instanceof Pointer p && b instanceof Pointer q && p.region().equals(q.region())) {
      return new Pointer(
          p.region(),
          Math.min(p.low(), q.low()),
          Math.max(p.high(), q.high()),
          p.maybeNull() || q.maybeNull());
    }
    return Content.NOTHING;
  }

  /// All copies of a number become something else.
  void refine(int id, Range range) {
    for (int i = 0; i < registers.length; i++) {
      if (id >= 0 && registers[i] instanceof Scalar(Range old, int other) && other == id) {
        registers[i] = new Scalar(range, id);
      }
    }
    for (int i = 0; i < slots.length; i++) {
      if (id >= 0 && slots[i] instanceof Scalar(Range old, int other) && other == id) {
        slots[i] = new Scalar(range, id);
      }
    }
  }

  /// Pointers into regions of one kind are gone.
  void forget(Content.Kind... kinds) {
    for (Content.Kind kind : kinds) {
      for (int i = 0; i < registers.length; i++) {
        if (registers[i] instanceof Pointer p && p.region().kind() == kind) {
          registers[i] = Content.NOTHING;
        }
      }
      for (int i = 0; i < slots.length; i++) {
        if (slots[i] instanceof Pointer p && p.region().kind() == kind) {
          slots[i] = Content.NOTHING;
        }
      }
    }
  }

  /// A call: the registers that do not survive it are gone.
  void clobber() {
    for (int i = 0; i <= 5; i++) {
      registers[i] = Content.NOTHING;
    }
  }

  boolean holdsNothing(int number) {
    return registers[number] instanceof Nothing;
  }
}
