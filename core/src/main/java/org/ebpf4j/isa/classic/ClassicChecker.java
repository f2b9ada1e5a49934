package org.ebpf4j.isa.classic;

import java.util.Arrays;
import java.util.List;

/// The checks of `bpf_check_classic` and `check_load_and_stores` in Linux's `net/core/filter.c`.
/// Jumps only go forward, so one pass over the program sees every path.
final class ClassicChecker {
  private static final int ALL_CELLS = (1 << ClassicCode.SCRATCH_CELLS) - 1;

  private final List<ClassicInstruction> program;

  /// For each instruction, the scratch cells written on every path that jumps to it.
  private final int[] writtenAt;

  private ClassicChecker(List<ClassicInstruction> program) {
    this.program = program;
    this.writtenAt = new int[program.size()];
    Arrays.fill(writtenAt, ALL_CELLS);
  }

  static void check(List<ClassicInstruction> program) {
    if (program.isEmpty() || program.size() > ClassicProgram.MAX_INSTRUCTIONS) {
      throw ClassicException.at(
          0,
          "a program has 1 to %d instructions, not %d"
              .formatted(ClassicProgram.MAX_INSTRUCTIONS, program.size()));
    }
    ClassicChecker checker = new ClassicChecker(program);
    for (int i = 0; i < program.size(); i++) {
      checker.checkFields(i, program.get(i));
    }
    int last = program.getLast().code();
    if (last != ClassicCode.RETURN_CONSTANT && last != ClassicCode.RETURN_A) {
      throw ClassicException.at(program.size() - 1, "the last instruction must be a return");
    }
    checker.checkScratch();
  }

  private void checkFields(int index, ClassicInstruction instruction) {
    int code = instruction.code();
    int k = instruction.k();
    if (!ClassicCode.isKnown(code)) {
      throw ClassicException.at(index, "unknown code 0x%x".formatted(code));
    }
    switch (code) {
      case 0x34, 0x94 -> {
        if (k == 0) {
          throw ClassicException.at(index, "divides by the constant 0");
        }
      }
      case 0x64, 0x74 -> {
        if (Integer.compareUnsigned(k, 32) >= 0) {
          throw ClassicException.at(
              index, "shifts by %s, 0 to 31 are allowed".formatted(Integer.toUnsignedString(k)));
        }
      }
      case ClassicCode.STORE,
          ClassicCode.STORE_X,
          ClassicCode.LOAD_SCRATCH,
          ClassicCode.LOAD_X_SCRATCH -> {
        if (Integer.compareUnsigned(k, ClassicCode.SCRATCH_CELLS) >= 0) {
          throw ClassicException.at(
              index, "scratch memory has cells 0 to 15, not " + Integer.toUnsignedString(k));
        }
      }
      case ClassicCode.GOTO -> checkJump(index, Integer.toUnsignedLong(k));
      case ClassicCode.LOAD_WORD, ClassicCode.LOAD_HALF, ClassicCode.LOAD_BYTE -> {
        if (Ancillary.covers(k) && Ancillary.at(k).isEmpty()) {
          throw ClassicException.at(index, "nothing is known at ancillary offset " + k);
        }
      }
      default -> {
        if (ClassicCode.isConditional(code)) {
          checkJump(index, instruction.jumpTrue());
          checkJump(index, instruction.jumpFalse());
        }
      }
    }
  }

  private void checkJump(int index, long distance) {
    if (index + 1 + distance >= program.size()) {
      throw ClassicException.at(
          index, "jumps to %d, behind the end".formatted(index + 1 + distance));
    }
  }

  private void checkScratch() {
    int written = 0;
    for (int i = 0; i < program.size(); i++) {
      ClassicInstruction instruction = program.get(i);
      written &= writtenAt[i];
      switch (instruction.code()) {
        case ClassicCode.STORE, ClassicCode.STORE_X -> written |= 1 << instruction.k();
        case ClassicCode.LOAD_SCRATCH, ClassicCode.LOAD_X_SCRATCH -> {
          if ((written & 1 << instruction.k()) == 0) {
            throw ClassicException.at(
                i, "reads scratch cell %d before it is written".formatted(instruction.k()));
          }
        }
        case ClassicCode.GOTO -> {
          writtenAt[i + 1 + instruction.k()] &= written;
          written = ALL_CELLS;
        }
        default -> {
          if (ClassicCode.isConditional(instruction.code())) {
            writtenAt[i + 1 + instruction.jumpTrue()] &= written;
            writtenAt[i + 1 + instruction.jumpFalse()] &= written;
            written = ALL_CELLS;
          }
        }
      }
    }
  }
}
