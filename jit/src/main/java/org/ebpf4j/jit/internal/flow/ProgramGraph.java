package org.ebpf4j.jit.internal.flow;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.ProgramStructure;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.verifier.Facts;

/// A program as functions of blocks. Code that cannot be reached is left out.
public final class ProgramGraph {
  private static final int[] NOWHERE = {};

  /// Longer blocks are split, so that methods can be cut between blocks.
  private static final int MOST_INSTRUCTIONS = 128;

  private final LinkedProgram program;
  private final Optional<Facts> facts;
  private final ProgramStructure structure;
  private final List<Function> functions = new ArrayList<>();

  /// By slot: the functions that are called, and those of which the address is taken.
  private final BitSet called = new BitSet();

  private final BitSet taken = new BitSet();

  public ProgramGraph(LinkedProgram program, Optional<Facts> facts) {
    this.program = program;
    this.facts = facts;
    this.structure = ProgramStructure.check(program.bytecode(), program.uncalledFunctions());
    for (int i = 0; i < structure.functionCount(); i++) {
      functions.add(function(i));
    }
    findCalls();
  }

  /// The program itself first.
  public List<Function> functions() {
    return functions;
  }

  public Instruction instruction(int slot) {
    return structure.instruction(slot);
  }

  /// Whether the program calls its own beginning as a function, or takes its address.
  public boolean callsOwnStart() {
    return called.get(0) || taken.get(0);
  }

  /// Whether an instruction calls the function at a slot.
  public boolean isCalled(int start) {
    return called.get(start);
  }

  /// Whether the program calls functions of its own.
  public boolean hasCalls() {
    return !called.isEmpty();
  }

  /// Notes which functions are called, and of which the address is taken.
  private void findCalls() {
    for (Function function : functions) {
      for (Block block : function.blocks()) {
        for (int slot = block.start(); slot < block.end(); ) {
          Instruction instruction = instruction(slot);
          if (instruction instanceof Instruction.CallLocal(int offset)) {
            called.set(slot + 1 + offset);
          } else if (instruction instanceof Instruction.LoadImmediate64 load
              && load.source() == Instruction.LoadImmediate64.Source.FUNCTION) {
            taken.set(slot + 1 + load.low());
          }
          slot += instruction.slots();
        }
      }
    }
  }

  private Function function(int index) {
    int start = structure.functionStart(index);
    int end = structure.functionEnd(index);
    BitSet reached = new BitSet();
    BitSet leaders = new BitSet();
    Deque<Integer> open = new ArrayDeque<>();
    leaders.set(start);
    open.push(start);
    while (!open.isEmpty()) {
      int slot = open.pop();
      if (reached.get(slot)) {
        continue;
      }
      reached.set(slot);
      int[] next = next(slot);
      boolean straight = next.length == 1 && next[0] == slot + instruction(slot).slots();
      for (int target : next) {
        if (!straight) {
          leaders.set(target);
        }
        open.push(target);
      }
    }
    return new Function(index, start, blocks(start, end, reached, leaders));
  }

  private List<Block> blocks(int start, int end, BitSet reached, BitSet leaders) {
    List<Block> blocks = new ArrayList<>();
    for (int first = reached.nextSetBit(start); first >= 0 && first < end; ) {
      int slot = first;
      int last = first;
      int count = 0;
      do {
        last = slot;
        slot += instruction(slot).slots();
        count++;
      } while (count < MOST_INSTRUCTIONS
          && slot < end
          && reached.get(slot)
          && !leaders.get(slot)
          && follows(last, slot));
      blocks.add(new Block(first, slot, last, count, next(last)));
      first = reached.nextSetBit(slot);
    }
    return blocks;
  }

  private boolean follows(int slot, int following) {
    int[] next = next(slot);
    return next.length == 1 && next[0] == following;
  }

  /// Where execution may go on after the instruction at a slot.
  private int[] next(int slot) {
    Instruction instruction = instruction(slot);
    if (program.trap(slot) >= 0) {
      return NOWHERE;
    }
    int following = slot + instruction.slots();
    return switch (instruction) {
      case Instruction.Exit() -> NOWHERE;
      case Instruction.Goto(int offset, boolean wide) -> new int[] {following + offset};
      case Instruction.MayGoto(short offset) -> branch(following, following + offset);
      case Instruction.Jump jump -> {
        int target = following + jump.offset();
        boolean jumps = facts.map(known -> known.mayBranch(slot, true)).orElse(true);
        boolean falls = facts.map(known -> known.mayBranch(slot, false)).orElse(true);
        yield jumps && falls ? branch(following, target) : new int[] {jumps ? target : following};
      }
      default -> new int[] {following};
    };
  }

  private static int[] branch(int following, int target) {
    return following == target ? new int[] {following} : new int[] {following, target};
  }
}
