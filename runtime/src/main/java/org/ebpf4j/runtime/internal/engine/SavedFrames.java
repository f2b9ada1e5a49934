package org.ebpf4j.runtime.internal.engine;

/// What the frames below the current one go back to in the interpreter: `R6` to `R9`, the slot, the
/// program, and the frame in which that began. By depth, the outermost being 0.
final class SavedFrames {
  private static final int FIRST_SAVED = 6;
  private static final int SAVED = 4;

  private final long[] registers;
  private final int[] slots;
  private final int[] firstFrames;
  private final LinkedProgram[] programs;

  SavedFrames(int frames) {
    registers = new long[frames * SAVED];
    slots = new int[frames];
    firstFrames = new int[frames];
    programs = new LinkedProgram[frames];
  }

  void save(int depth, LinkedProgram program, int slot, int firstFrame, long[] r) {
    programs[depth] = program;
    firstFrames[depth] = firstFrame;
    slots[depth] = slot;
    System.arraycopy(r, FIRST_SAVED, registers, depth * SAVED, SAVED);
  }

  void restore(int depth, long[] r) {
    System.arraycopy(registers, depth * SAVED, r, FIRST_SAVED, SAVED);
  }

  LinkedProgram program(int depth) {
    return programs[depth];
  }

  int firstFrame(int depth) {
    return firstFrames[depth];
  }

  int slot(int depth) {
    return slots[depth];
  }
}
