package org.ebpf4j.jit.internal.emit;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Register;
import org.ebpf4j.jit.internal.flow.Block;
import org.ebpf4j.jit.internal.flow.FrameUse;
import org.ebpf4j.jit.internal.flow.Loops;
import org.ebpf4j.verifier.RegisterFact;

/// Decides in which blocks of a method accesses are written out, so that HotSpot draws them in at
/// any price, and in which they are calls, of which it draws in what it can afford: all where there
/// are few, else those in loops, if these are few.
final class DrawnIn {
  /// Accesses that a method may have written out: with twice as many, C1 fails.
  private static final int MOST = 24;

  private final ProgramParts program;
  private final Optional<StackFrame> frame;

  DrawnIn(ProgramParts program, Optional<StackFrame> frame) {
    this.program = program;
    this.frame = frame;
  }

  /// The blocks whose accesses are written out.
  Set<Block> among(List<Block> blocks) {
    if (count(blocks) <= MOST) {
      return Set.copyOf(blocks);
    }
    Set<Block> looped = new HashSet<>(Loops.blocksIn(blocks));
    return count(looped) <= MOST ? looped : Set.of();
  }

  private int count(Iterable<Block> blocks) {
    int count = 0;
    for (Block block : blocks) {
      for (int slot = block.start(); slot < block.end(); ) {
        Instruction instruction = program.graph().instruction(slot);
        if (isInMemory(slot, instruction)) {
          count++;
        }
        slot += instruction.slots();
      }
    }
    return count;
  }

  private boolean isInMemory(int slot, Instruction instruction) {
    return switch (instruction) {
      case Instruction.Load i -> !isLocal(slot, i.src(), i.offset(), i.size());
      case Instruction.Store i -> !isLocal(slot, i.dst(), i.offset(), i.size());
      default -> false;
    };
  }

  private boolean isLocal(int slot, Register base, int offset, MemorySize size) {
    return frame.isPresent()
        && program.facts().isPresent()
        && program.facts().get().before(slot, base.number()) instanceof RegisterFact.Pointer pointer
        && FrameUse.isOwn(pointer)
        && frame.get().isLocal(pointer.minOffset() + offset, size);
  }
}
