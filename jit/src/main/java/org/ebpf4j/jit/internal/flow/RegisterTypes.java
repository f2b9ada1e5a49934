package org.ebpf4j.jit.internal.flow;

/// Which registers an `int` of the JVM holds as well as a `long`, and where: those whose upper half
/// is 0. Of these the numbers from 0 to 2³¹ - 1 are *small*: the `int` is the number itself.
public interface RegisterTypes {
  /// Nothing is known: all are longs.
  RegisterTypes LONGS = new Longs();

  /// Whether the register is an int when control is before a slot.
  boolean intBefore(int slot, int register);

  /// Whether what the instruction at a slot writes to the register is an int.
  boolean intAfter(int slot, int register);

  /// Whether the register is an int, and a small number, when control is before a slot.
  boolean smallBefore(int slot, int register);

  /// Whether the register, an int or not, holds a number from 0 to 2⁶³ - 1, or an address, when
  /// control is before a slot.
  boolean positiveBefore(int slot, int register);

  /// Whether the register, a small number, is never over a number, when control is before a slot.
  boolean atMostBefore(int slot, int register, int number);

  /// Whether the register, which a loop carries around, is made of itself there, as a pointer that
  /// walks along an array.
  boolean walksBefore(int slot, int register);

  /// Nothing is known.
  final class Longs implements RegisterTypes {
    private Longs() {}

    @Override
    public boolean smallBefore(int slot, int register) {
      return false;
    }

    @Override
    public boolean intBefore(int slot, int register) {
      return false;
    }

    @Override
    public boolean intAfter(int slot, int register) {
      return false;
    }

    @Override
    public boolean positiveBefore(int slot, int register) {
      return false;
    }

    @Override
    public boolean walksBefore(int slot, int register) {
      return false;
    }

    @Override
    public boolean atMostBefore(int slot, int register, int number) {
      return false;
    }
  }
}
