package org.ebpf4j.jit.internal.emit;

import org.ebpf4j.isa.Instruction;
import org.ebpf4j.jit.internal.flow.Block;
import org.ebpf4j.jit.internal.flow.Function;

/// Finds out what compiled code asks of its run.
final class RunUse {
  private RunUse() {}

  /// Whether a program is [org.ebpf4j.runtime.internal.engine.CompiledProgram#plain()].
  static boolean isPlain(ProgramParts program) {
    if (program.checked()) {
      return false;
    }
    for (Function function : program.graph().functions()) {
      for (Block block : function.blocks()) {
        for (int slot = block.start(); slot < block.end(); ) {
          Instruction instruction = program.graph().instruction(slot);
          if (!isPlain(program, slot, instruction)) {
            return false;
          }
          slot += instruction.slots();
        }
      }
    }
    return true;
  }

  private static boolean isPlain(ProgramParts program, int slot, Instruction instruction) {
    if (program.program().trap(slot) >= 0) {
      return false;
    }
    return switch (instruction) {
      case Instruction.CallHelper call -> MapCalls.isProven(program, slot, call);
      case Instruction.CallKernel _, Instruction.LoadPacket _ -> false;
      case Instruction.Alu _,
          Instruction.Negate _,
          Instruction.MoveSignExtended _,
          Instruction.SwapBytes _,
          Instruction.CastAddressSpace _,
          Instruction.Load _,
          Instruction.Store _,
          Instruction.Atomic _,
          Instruction.LoadAcquire _,
          Instruction.StoreRelease _,
          Instruction.LoadImmediate64 _,
          Instruction.Jump _,
          Instruction.Goto _,
          Instruction.MayGoto _,
          Instruction.CallLocal _,
          Instruction.Exit _ ->
          true;
    };
  }
}
