package org.ebpf4j.isa;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// A program's instructions as encoded, whatever byte order they were stored in: one `long` a slot.
///
///      63                  32 31         16 15    12 11     8 7        0
///     ┌──────────────────────┬─────────────┬────────┬────────┬──────────┐
///     │      immediate       │   offset    │ source │  dest  │  opcode  │
///     └──────────────────────┴─────────────┴────────┴────────┴──────────┘
///
/// This is the layout of RFC 9669, section 3, read as a little-endian number. Nothing is checked
/// here: [InstructionCodec] decodes a slot into an [Instruction] or says what is wrong with it.
public final class Bytecode {
  /// Bytes in a slot.
  public static final int SLOT_BYTES = 8;

  private final long[] slots;

  private Bytecode(long[] slots) {
    this.slots = slots;
  }

  /// Takes slots as they are; the array is copied.
  public static Bytecode of(long... slots) {
    return new Bytecode(slots.clone());
  }

  /// Reads instructions stored in the given byte order. Big-endian files swap the two register
  /// halves of the second byte as well as the wider fields.
  ///
  /// @throws IllegalArgumentException if the length is no multiple of 8
  public static Bytecode read(ByteBuffer bytes, ByteOrder order) {
    if (bytes.remaining() % SLOT_BYTES != 0) {
      throw new IllegalArgumentException(
          "instructions take multiples of 8 bytes, not " + bytes.remaining());
    }
    ByteBuffer in = bytes.slice().order(order);
    long[] slots = new long[in.remaining() / SLOT_BYTES];
    if (order == ByteOrder.LITTLE_ENDIAN) {
      in.asLongBuffer().get(slots); // just as slots are kept
      return new Bytecode(slots);
    }
    for (int i = 0; i < slots.length; i++) {
      int opcode = in.get() & 0xff;
      int registers = in.get() & 0xff;
      slots[i] = slot(opcode, registers >> 4, registers & 0xf, in.getShort(), in.getInt());
    }
    return new Bytecode(slots);
  }

  /// The slot with these fields.
  public static long slot(int opcode, int dst, int src, short offset, int immediate) {
    return (opcode & 0xffL)
        | (long) (dst & 0xf) << 8
        | (long) (src & 0xf) << 12
        | (offset & 0xffffL) << 16
        | (long) immediate << 32;
  }

  public static int opcode(long slot) {
    return (int) slot & 0xff;
  }

  public static int dst(long slot) {
    return (int) (slot >>> 8) & 0xf;
  }

  public static int src(long slot) {
    return (int) (slot >>> 12) & 0xf;
  }

  public static short offset(long slot) {
    return (short) (slot >>> 16);
  }

  public static int immediate(long slot) {
    return (int) (slot >> 32);
  }

  /// Number of slots; a 64-bit immediate load counts as two.
  public int size() {
    return slots.length;
  }

  public long slot(int index) {
    return slots[index];
  }

  /// A copy of all slots.
  public long[] toSlots() {
    return slots.clone();
  }

  /// The encoding in the given byte order; the inverse of [#read].
  public byte[] toBytes(ByteOrder order) {
    ByteBuffer out = ByteBuffer.allocate(slots.length * SLOT_BYTES).order(order);
    if (order == ByteOrder.LITTLE_ENDIAN) {
      out.asLongBuffer().put(slots);
      return out.array();
    }
    for (long slot : slots) {
      int registers = dst(slot) << 4 | src(slot);
      out.put((byte) slot).put((byte) registers).putShort(offset(slot)).putInt(immediate(slot));
    }
    return out.array();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytecode that && Arrays.equals(slots, that.slots);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(slots);
  }

  @Override
  public String toString() {
    return "Bytecode[" + slots.length + " slots]";
  }
}
