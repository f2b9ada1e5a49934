package org.ebpf4j.isa;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// Encoded instructions for tests: every opcode with edge values in its fields, or random ones.
final class SampleInstructions {
  private static final int[] REGISTERS = {2, 0, 11};
  private static final int[] SOURCES = {0, 1, 2, 4, 7, 11};
  private static final short[] OFFSETS = {0, 1, 8, 32, Short.MIN_VALUE};
  private static final int[] IMMEDIATES = {
    0, 1, 32, 0x41, 0xf1, 0x100, 0x110, 0x10000, -5, Integer.MIN_VALUE
  };

  private SampleInstructions() {}

  /// Every opcode with every combination of edge values, each followed by the second half of a
  /// 64-bit immediate load, in case it is one.
  static void forEachEdge(Consumer<Bytecode> consumer) {
    for (int opcode = 0; opcode < 256; opcode++) {
      for (int dst : REGISTERS) {
        for (int src : SOURCES) {
          for (short offset : OFFSETS) {
            for (int immediate : IMMEDIATES) {
              consumer.accept(
                  Bytecode.of(
                      Bytecode.slot(opcode, dst, src, offset, immediate),
                      Bytecode.slot(0, 0, 0, (short) 0, opcode == 0x18 ? immediate : 0)));
            }
          }
        }
      }
    }
  }

  /// All instructions that decode out of [#forEachEdge], one of each value.
  static List<Instruction> edges() {
    List<Instruction> instructions = new ArrayList<>();
    forEachEdge(code -> {
      try {
        instructions.add(InstructionCodec.decode(code, 0));
      } catch (InstructionException refused) {
        // Most combinations are no instruction; InstructionCodecTest says which.
      }
    });
    return instructions;
  }

  /// A pair of slots with random bits in few fields, so that a good part of them decodes.
  static Bytecode random(SplittableRandom random) {
    return Bytecode.of(
        Bytecode.slot(
            random.nextInt(256),
            random.nextInt(16),
            random.nextInt(3) == 0 ? random.nextInt(16) : 0,
            random.nextInt(3) == 0 ? (short) random.nextInt() : 0,
            switch (random.nextInt(4)) {
              case 0 -> random.nextInt();
              case 1 -> random.nextInt(0x120);
              default -> 0;
            }),
        random.nextInt(16) == 0 ? random.nextLong() : (long) random.nextInt() << 32);
  }
}
