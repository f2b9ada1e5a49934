package org.ebpf4j.jit.internal.emit;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.util.Set;
import java.util.function.IntFunction;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.jit.internal.flow.Block;
import org.ebpf4j.runtime.internal.memory.Handles;

/// Writes the instructions of blocks.
final class BlockEmitter {
  private static final int TAIL_CALL = 12;

  /// The highest line that a class file can name.
  private static final int MAX_LINE = 65_535;

  private final CodeBuilder code;
  private final int rounds;
  private final ProgramParts program;
  private final AluEmitter alu;
  private final JumpEmitter jumps;
  private final AccessEmitter accessCalls;
  private final AccessEmitter accessesDrawnIn;
  private final Set<Block> drawnIn;
  private final CallEmitter calls;
  private final BudgetEmitter budget;
  private final MapCalls maps;
  private final LoopCalls loops;

  /// Where a jump goes to, by slot.
  private final IntFunction<Label> targets;

  /// @param drawnIn the blocks whose accesses are written out
  BlockEmitter(Method method, Set<Block> drawnIn, IntFunction<Label> targets) {
    this.code = method.code();
    this.rounds = method.registers().rounds();
    this.program = method.program();
    this.alu = new AluEmitter(method);
    this.jumps = new JumpEmitter(method);
    this.accessCalls = new AccessEmitter(method, program.memory());
    this.accessesDrawnIn = new AccessEmitter(method, program.drawnIn());
    this.drawnIn = drawnIn;
    this.calls = new CallEmitter(method);
    this.budget = new BudgetEmitter(method);
    this.maps = new MapCalls(method);
    this.loops = new LoopCalls(method);
    this.targets = targets;
  }

  /// Writes a block.
  ///
  /// @param following the slot of the block that is written after it, or -1
  void block(Block block, int following) {
    budget.spend(block.start(), block.instructions());
    for (int slot = block.start(); slot < block.end(); ) {
      Instruction instruction = program.graph().instruction(slot);
      code.lineNumber(Math.min(slot + 1, MAX_LINE));
      if (program.program().trap(slot) >= 0) {
        calls.trap(slot);
      } else {
        instruction(slot, instruction, block);
      }
      slot += instruction.slots();
    }
    if (block.next().length > 0 && block.next()[0] != following) {
      code.goto_(targets.apply(block.next()[0]));
    }
  }

  private void instruction(int slot, Instruction instruction, Block block) {
    AccessEmitter accesses = drawnIn.contains(block) ? accessesDrawnIn : accessCalls;
    switch (instruction) {
      case Instruction.Alu i -> alu.alu(slot, i);
      case Instruction.Negate i -> alu.negate(slot, i);
      case Instruction.MoveSignExtended i -> alu.moveSignExtended(slot, i);
      case Instruction.SwapBytes i -> alu.swapBytes(slot, i);
      case Instruction.CastAddressSpace i -> alu.castAddressSpace(slot, i);
      case Instruction.Load i -> accesses.load(slot, i);
      case Instruction.Store i -> accesses.store(slot, i);
      case Instruction.Atomic i -> accesses.atomic(slot, i);
      case Instruction.LoadAcquire i -> accesses.loadAcquire(slot, i);
      case Instruction.StoreRelease i -> accesses.storeRelease(slot, i);
      case Instruction.LoadImmediate64 i -> alu.constant(slot, i.dst(), value(slot, i));
      case Instruction.LoadPacket i -> calls.loadPacket(slot, i);
      case Instruction.Jump i -> {
        if (slot == block.last() && block.next().length == 2) {
          jumps.jump(slot, i, targets.apply(block.next()[1]));
        }
      }
      case Instruction.Goto _ -> {
        // As the block ends.
      }
      case Instruction.MayGoto _ -> {
        if (slot == block.last() && block.next().length == 2) {
          code.iinc(rounds, -1);
          code.iload(rounds).iflt(targets.apply(block.next()[1]));
        }
      }
      case Instruction.CallHelper i -> {
        if (i.helper() == TAIL_CALL) {
          calls.tail(slot);
        } else if (!maps.call(slot, i) && !loops.call(slot, i)) {
          calls.external(slot);
        }
      }
      case Instruction.CallLocal(int offset) -> calls.local(slot, slot + 1 + offset);
      case Instruction.CallKernel _ -> calls.external(slot);
      case Instruction.Exit() -> calls.exit(slot);
    }
  }

  private static long value(int slot, Instruction.LoadImmediate64 load) {
    return load.source() == Instruction.LoadImmediate64.Source.FUNCTION
        ? Handles.function(slot + 1 + load.low())
        : load.value();
  }
}
