package org.ebpf4j.runtime.internal.engine;

import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.verifier.Facts;
import org.ebpf4j.verifier.PointerKind;
import org.ebpf4j.verifier.RegisterFact;

/// Loads in proven programs through pointers that nobody vouches for give 0 where nothing is, as in
/// Linux (`BPF_PROBE_MEM`). In programs that were not proven, where no pointer is vouched for, they
/// are faults.
public final class UntrustedLoads {
  private static final long KEPT = 0xffff_ff00L;

  private UntrustedLoads() {}

  /// The program with such loads as ones that do not fail.
  public static LinkedProgram allow(LinkedProgram program, Facts facts) {
    long[] code = program.code().clone();
    boolean changed = false;
    for (int slot = 0; slot < program.bytecode().size(); slot++) {
      if (facts.mayFault(slot) && size(code[slot]) != 0 && !isArena(code[slot], slot, facts)) {
        long size = size(code[slot]);
        code[slot] = (code[slot] & KEPT) | Operation.LOAD_OR_ZERO | (size << 32);
        changed = true;
      }
    }
    return changed ? program.withCode(code, program.bytecode()) : program;
  }

  /// The size in bytes, negative of a load that extends the sign; 0 if it is no load.
  private static int size(long instruction) {
    return switch ((int) instruction & 0xff) {
      case Operation.LOAD8 -> 1;
      case Operation.LOAD16 -> 2;
      case Operation.LOAD32 -> 4;
      case Operation.LOAD64 -> 8;
      case Operation.LOAD_SIGNED8 -> -1;
      case Operation.LOAD_SIGNED16 -> -2;
      case Operation.LOAD_SIGNED32 -> -4;
      default -> 0;
    };
  }

  /// Arenas know themselves what to do where no page is.
  private static boolean isArena(long instruction, int slot, Facts facts) {
    return facts.before(slot, Bytecode.src(instruction)) instanceof RegisterFact.Pointer base
        && base.kind() == PointerKind.ARENA;
  }
}
