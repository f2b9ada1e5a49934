package org.ebpf4j.jit.internal.emit;

import java.util.Optional;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.jit.internal.flow.Block;
import org.ebpf4j.jit.internal.flow.Function;
import org.ebpf4j.jit.internal.flow.Origins;

/// Finds out what compiled code asks of its run.
final class RunUse {
  private RunUse() {}

  /// Whether a program is [org.ebpf4j.runtime.internal.engine.CompiledProgram#plain()]. Of those
  /// that nobody has proven, functions that call each other are the run's business.
  static boolean isPlain(ProgramParts program) {
    if (program.checked()
        && (program.graph().functions().size() > 1 || program.graph().hasCalls())) {
      return false;
    }
    for (Function function : program.graph().functions()) {
      Optional<Origins> origins = program.origins(function);
      for (Block block : function.blocks()) {
        for (int slot = block.start(); slot < block.end(); ) {
          Instruction instruction = program.graph().instruction(slot);
          if (!isPlain(program, slot, instruction, origins)) {
            return false;
          }
          slot += instruction.slots();
        }
      }
    }
    return true;
  }

  private static boolean isPlain(
      ProgramParts program, int slot, Instruction instruction, Optional<Origins> origins) {
    if (program.program().trap(slot) >= 0) {
      return false;
    }
    return switch (instruction) {
      case Instruction.CallHelper call ->
          origins.isPresent()
              ? MapCalls.isCertain(program, slot, call, origins.get())
              : MapCalls.isProven(program, slot, call);
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
