package org.ebpf4j.isa.classic;

import static org.ebpf4j.isa.classic.ClassicTranslator.A;
import static org.ebpf4j.isa.classic.ClassicTranslator.CONTEXT;

import java.util.List;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;

/// Loads from a `struct seccomp_data`: only whole words, in the host's byte order
/// (`seccomp_check_filter` in Linux's `kernel/seccomp.c`).
final class SeccompLoads implements ContextLoads {
  /// Bytes in a `struct seccomp_data`.
  private static final int SIZE = 64;

  @Override
  public List<Instruction> load(int index, ClassicInstruction instruction) {
    return List.of(
        new Instruction.Load(MemorySize.WORD, false, A, CONTEXT, (short) instruction.k()));
  }

  @Override
  public Instruction length(Register to) {
    return new Instruction.Alu(Width.W32, AluOperation.MOV, to, new Operand.Imm(SIZE));
  }

  @Override
  public void check(int index, ClassicInstruction instruction) {
    switch (instruction.code()) {
      case ClassicCode.LOAD_HALF,
          ClassicCode.LOAD_BYTE,
          ClassicCode.LOAD_WORD_INDEXED,
          ClassicCode.LOAD_HALF_INDEXED,
          ClassicCode.LOAD_BYTE_INDEXED,
          ClassicCode.LOAD_X_HEADER_LENGTH ->
          throw ClassicException.at(index, "a seccomp filter loads only words at constant offsets");
      case 0x94, 0x9c -> throw ClassicException.at(index, "a seccomp filter has no remainder");
      case ClassicCode.LOAD_WORD -> {
        int k = instruction.k();
        if (Integer.compareUnsigned(k, SIZE) >= 0 || k % MemorySize.WORD.bytes() != 0) {
          throw ClassicException.at(
              index,
              "loads at %s; offsets in seccomp_data are multiples of 4 below 64"
                  .formatted(Integer.toUnsignedString(k)));
        }
      }
      default -> {}
    }
  }
}
