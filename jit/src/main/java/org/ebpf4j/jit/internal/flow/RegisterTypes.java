package org.ebpf4j.jit.internal.flow;

/// Which registers hold small numbers where: those from 0 to 2³¹ - 1, which an `int` of the JVM
/// holds as well as a `long`.
public interface RegisterTypes {
  /// Nothing is known: all are longs.
  RegisterTypes LONGS = new Longs();

  /// Whether the register is an int when control is before a slot.
  boolean smallBefore(int slot, int register);

  /// Whether what the instruction at a slot writes to the register is an int.
  boolean smallAfter(int slot, int register);

  /// Whether the register, an int or not, holds a number from 0 to 2⁶³ - 1, or an address, when
  /// control is before a slot.
  boolean positiveBefore(int slot, int register);

  /// Nothing is known.
  final class Longs implements RegisterTypes {
    private Longs() {}

    @Override
    public boolean smallBefore(int slot, int register) {
      return false;
    }

    @Override
    public boolean smallAfter(int slot, int register) {
      return false;
    }

    @Override
    public boolean positiveBefore(int slot, int register) {
      return false;
    }
  }
}
