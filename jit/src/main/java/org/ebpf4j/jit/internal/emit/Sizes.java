package org.ebpf4j.jit.internal.emit;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.jit.internal.flow.Block;
import org.ebpf4j.jit.internal.flow.FrameUse;
import org.ebpf4j.jit.internal.flow.ProgramGraph;
import org.ebpf4j.jit.internal.flow.RegisterTypes;

/// About how much bytecode blocks take, before it is written: rather too much than too little.
final class Sizes {
  /// What one method may have, by this estimate. HotSpot compiles nothing over 8,000 bytes
  /// (`HugeMethodLimit`); entering and leaving a method takes some hundred for each set of
  /// registers that is live there.
  static final int LIMIT = 6000;

  /// What a part of a function has that is too large for one method: the time that HotSpot takes
  /// grows faster than what it compiles.
  static final int USUAL = 5000;

  /// A computation of ints, and of longs.
  private static final int INTS = 10;

  private static final int LONGS = 14;

  private final ProgramParts program;
  private final ProgramGraph graph;
  private final RegisterTypes types;
  private final Optional<FrameUse> use;
  private final boolean checked;
  private final int access;

  /// @param use how the function, if it is proven, uses its frame
  Sizes(ProgramParts program, RegisterTypes types, Optional<FrameUse> use) {
    this.program = program;
    this.graph = program.graph();
    this.types = types;
    this.use = use;
    this.checked = program.checked();
    this.access = program.memory().cost();
  }

  int of(Block block) {
    int bytes = checked ? 12 : 0;
    Set<FrameUse.Cell> seen = new HashSet<>();
    for (int slot = block.start(); slot < block.end(); ) {
      Instruction instruction = graph.instruction(slot);
      Optional<FrameUse.Cell> cell = cell(slot, instruction);
      // A part of a function takes each cell from memory once.
      bytes += cell.isPresent() && !seen.add(cell.get()) ? LONGS : of(slot, instruction);
      slot += instruction.slots();
    }
    return bytes;
  }

  private Optional<FrameUse.Cell> cell(int slot, Instruction instruction) {
    return use.flatMap(
        frame -> program.facts().flatMap(facts -> frame.cellAt(slot, instruction, facts)));
  }

  private int of(int slot, Instruction instruction) {
    return switch (instruction) {
      case Instruction.Alu i -> types.intAfter(slot, i.dst().number()) ? INTS : LONGS;
      case Instruction.Negate _,
          Instruction.MoveSignExtended _,
          Instruction.SwapBytes _,
          Instruction.LoadImmediate64 _ ->
          LONGS;
      case Instruction.Load _,
          Instruction.Store _,
          Instruction.Atomic _,
          Instruction.LoadAcquire _,
          Instruction.StoreRelease _ ->
          checked ? 60 + access : access;
      case Instruction.Jump _, Instruction.Goto _, Instruction.MayGoto _ -> 24;
      case Instruction.LoadPacket _ -> checked ? 104 : 44;
      case Instruction.CastAddressSpace _ -> 44;
      case Instruction.CallHelper _, Instruction.CallKernel _ -> (checked ? 56 : 0) + 64 + access;
      case Instruction.CallLocal _ -> checked ? 180 : 40;
      case Instruction.Exit _ -> checked ? 60 : 16;
    };
  }
}
