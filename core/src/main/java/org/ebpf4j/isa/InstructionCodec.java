package org.ebpf4j.isa;

import java.util.ArrayList;
import java.util.List;

/// Turns encoded slots into [Instruction] values and back. The two directions are exact inverses:
/// what decodes, encodes to the very bits it came from.
///
/// Known is what RFC 9669 defines and Linux 6.18 adds. Every other encoding is refused, and so is a
/// value in a field that the instruction does not use, as Linux does: such bits are reserved. In
/// one place Linux is laxer: it ignores the offset of an exit, which the RFC wants to be 0.
public final class InstructionCodec {
  private InstructionCodec() {}

  /// Decodes the instruction that starts at a slot.
  ///
  /// @throws InstructionException if the encoding is unknown, or the program ends within it
  /// @throws IndexOutOfBoundsException if the program has no such slot
  public static Instruction decode(Bytecode code, int slot) {
    return new SlotDecoder(code, slot).decode();
  }

  /// Decodes all instructions, in order. [Instruction#slots] tells how far apart they are.
  ///
  /// @throws InstructionException for the first that is no instruction
  public static List<Instruction> decode(Bytecode code) {
    List<Instruction> instructions = new ArrayList<>(code.size());
    for (int slot = 0; slot < code.size(); ) {
      Instruction instruction = decode(code, slot);
      instructions.add(instruction);
      slot += instruction.slots();
    }
    return instructions;
  }

  /// Encodes instructions one after the other.
  public static Bytecode encode(List<Instruction> instructions) {
    int size = 0;
    for (Instruction instruction : instructions) {
      size += instruction.slots();
    }
    long[] slots = new long[size];
    int slot = 0;
    for (Instruction instruction : instructions) {
      slots[slot] = SlotEncoder.first(instruction);
      if (instruction instanceof Instruction.LoadImmediate64 load) {
        slots[slot + 1] = SlotEncoder.second(load);
      }
      slot += instruction.slots();
    }
    return Bytecode.of(slots);
  }

  /// Encodes one instruction.
  public static Bytecode encode(Instruction instruction) {
    return encode(List.of(instruction));
  }
}
