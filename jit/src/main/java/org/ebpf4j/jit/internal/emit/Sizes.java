package org.ebpf4j.jit.internal.emit;

import org.ebpf4j.isa.Instruction;
import org.ebpf4j.jit.internal.flow.Block;
import org.ebpf4j.jit.internal.flow.ProgramGraph;

/// About how much bytecode blocks take, before it is written: rather too much than too little.
final class Sizes {
  /// What one method may have, by this estimate. HotSpot compiles nothing over 8,000 bytes
  /// (`HugeMethodLimit`); leaving a method takes some hundred for each block that it is left for.
  static final int LIMIT = 6000;

  private final ProgramGraph graph;
  private final boolean checked;
  private final int access;

  Sizes(ProgramParts program) {
    this.graph = program.graph();
    this.checked = program.checked();
    this.access = program.memory().cost();
  }

  int of(Block block) {
    int bytes = checked ? 12 : 0;
    for (int slot = block.start(); slot < block.end(); ) {
      Instruction instruction = graph.instruction(slot);
      bytes += of(instruction);
      slot += instruction.slots();
    }
    return bytes;
  }

  private int of(Instruction instruction) {
    return switch (instruction) {
      case Instruction.Alu _,
          Instruction.Negate _,
          Instruction.MoveSignExtended _,
          Instruction.SwapBytes _,
          Instruction.LoadImmediate64 _ ->
          14;
      case Instruction.Load _,
          Instruction.Store _,
          Instruction.Atomic _,
          Instruction.LoadAcquire _,
          Instruction.StoreRelease _ ->
          checked ? 60 + access : access;
      case Instruction.Jump _, Instruction.Goto _, Instruction.MayGoto _ -> 24;
      case Instruction.LoadPacket _, Instruction.CastAddressSpace _ -> 44;
      case Instruction.CallHelper _, Instruction.CallKernel _ -> (checked ? 56 : 0) + 64 + access;
      case Instruction.CallLocal _ -> checked ? 180 : 40;
      case Instruction.Exit _ -> checked ? 60 : 16;
    };
  }
}
