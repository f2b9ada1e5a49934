package org.ebpf4j.relocation;

import java.util.Optional;
import org.ebpf4j.btf.Btf;
import org.ebpf4j.btf.BtfType;
import org.ebpf4j.isa.Bytecode;

/// Puts the target's answer into an instruction.
///
/// What can be relocated: arithmetic and moves with an immediate, 64-bit immediate loads, and loads
/// and stores, whose size follows the field's where that keeps the value.
final class Patch {
  /// The helper that a poisoned instruction calls; no such helper exists. The number is libbpf's.
  static final int POISON_HELPER = 0xbad2310;

  private static final int CLASS_LD = 0;
  private static final int CLASS_LDX = 1;
  private static final int CLASS_ST = 2;
  private static final int CLASS_STX = 3;
  private static final int CLASS_ALU = 4;
  private static final int CLASS_ALU64 = 7;
  private static final int CLASS_MASK = 0x07;
  private static final int SOURCE_REGISTER = 0x08;
  private static final int SIZE_MASK = 0x18;
  private static final int LOAD_IMMEDIATE_64 = 0x18;
  private static final int CALL = 0x85;

  private final long[] slots;
  private final int at;

  Patch(long[] slots, int at) {
    this.slots = slots;
    this.at = at;
  }

  /// Makes the instruction one that no host loads, unless it finds it unreachable.
  void poison() throws MalformedException {
    requireKnown();
    int count = Bytecode.opcode(slots[at]) == LOAD_IMMEDIATE_64 ? 2 : 1;
    for (int i = 0; i < count; i++) {
      slots[at + i] = Bytecode.slot(CALL, 0, 0, (short) 0, POISON_HELPER);
    }
  }

  /// Replaces the object's own answer by the target's.
  ///
  /// @return why that is not possible without reading the field wrongly, if so
  Optional<String> apply(Answer from, Btf local, Answer to, Btf target) throws MalformedException {
    requireKnown();
    long instruction = slots[at];
    switch (Bytecode.opcode(instruction) & CLASS_MASK) {
      case CLASS_ALU, CLASS_ALU64 -> {
        requireValue(from, Bytecode.immediate(instruction));
        setImmediate(at, (int) to.value());
      }
      case CLASS_LD -> {
        requireValue(from, Bytecode.immediate(instruction));
        setImmediate(at, (int) to.value());
        setImmediate(at + 1, (int) (to.value() >> 32));
      }
      default -> {
        requireValue(from, Bytecode.offset(instruction));
        if (to.value() > Short.MAX_VALUE) {
          throw new MalformedException(
              "the field is at %d, out of reach of a load or store".formatted(to.value()));
        }
        if (from.fieldSize() != to.fieldSize() && !adjustable(from, local, to, target)) {
          return Optional.of(
              "its size is %d bytes instead of %d, and it is no pointer and no unsigned integer"
                  .formatted(to.fieldSize(), from.fieldSize()));
        }
        slots[at] =
            Bytecode.slot(
                resized(Bytecode.opcode(instruction), from.fieldSize(), to.fieldSize()),
                Bytecode.dst(instruction),
                Bytecode.src(instruction),
                (short) to.value(),
                Bytecode.immediate(instruction));
      }
    }
    return Optional.empty();
  }

  private void requireKnown() throws MalformedException {
    int opcode = Bytecode.opcode(slots[at]);
    boolean known =
        switch (opcode & CLASS_MASK) {
          case CLASS_ALU, CLASS_ALU64 -> (opcode & SOURCE_REGISTER) == 0;
          case CLASS_LDX, CLASS_ST, CLASS_STX -> true;
          case CLASS_LD ->
              opcode == LOAD_IMMEDIATE_64
                  && Bytecode.src(slots[at]) == 0
                  && at + 1 < slots.length
                  && (slots[at + 1] & 0xffff_ffffL) == 0;
          default -> false;
        };
    if (!known) {
      throw new MalformedException(
          "an instruction of opcode 0x%02x cannot be relocated".formatted(opcode));
    }
  }

  private static void requireValue(Answer expected, int actual) throws MalformedException {
    if (expected.certain() && (int) expected.value() != actual) {
      throw new MalformedException(
          "the instruction holds %d, by the object's own types it must be %d"
              .formatted(actual, expected.value()));
    }
  }

  private static boolean adjustable(Answer from, Btf local, Answer to, Btf target) {
    BtfType a = local.type(from.fieldType());
    BtfType b = target.type(to.fieldType());
    return (a instanceof BtfType.Pointer && b instanceof BtfType.Pointer)
        || (isUnsigned(a) && isUnsigned(b));
  }

  private static boolean isUnsigned(BtfType type) {
    return type instanceof BtfType.Int number && number.encoding() != BtfType.Int.Encoding.SIGNED;
  }

  private static int resized(int opcode, int fromSize, int toSize) throws MalformedException {
    if (fromSize == toSize) {
      return opcode;
    }
    if (sizeBits(fromSize) != (opcode & SIZE_MASK)) {
      throw new MalformedException(
          "the instruction does not move the %d bytes of the field".formatted(fromSize));
    }
    return (opcode & ~SIZE_MASK) | sizeBits(toSize);
  }

  private static int sizeBits(int bytes) throws MalformedException {
    return switch (bytes) {
      case 4 -> 0x00;
      case 2 -> 0x08;
      case 1 -> 0x10;
      case 8 -> 0x18;
      default -> throw new MalformedException("no instruction moves %d bytes".formatted(bytes));
    };
  }

  private void setImmediate(int slot, int immediate) {
    slots[slot] = (slots[slot] & 0xffff_ffffL) | (long) immediate << 32;
  }
}
