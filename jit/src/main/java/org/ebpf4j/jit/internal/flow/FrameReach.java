package org.ebpf4j.jit.internal.flow;

import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Register;
import org.ebpf4j.runtime.internal.engine.FramedRun;

/// Finds out how far down into its frame a function reaches that nobody has proven, without asking
/// the run. What is below need not be cleared before the run is asked for it.
public final class FrameReach {
  /// Of a helper, the addresses of a key and a value.
  private static final Register[] PASSED = {Register.R2, Register.R3};

  private FrameReach() {}

  /// Bytes from the frame's upper end on, a multiple of 8.
  public static int of(Function function, ProgramGraph graph, Origins origins) {
    int reach = 0;
    for (Block block : function.blocks()) {
      for (int slot = block.start(); slot < block.end(); ) {
        Instruction instruction = graph.instruction(slot);
        reach = Math.max(reach, of(slot, instruction, origins));
        slot += instruction.slots();
      }
    }
    return (reach + 7) & ~7;
  }

  private static int of(int slot, Instruction instruction, Origins origins) {
    return switch (instruction) {
      case Instruction.Load i -> of(origins.before(slot, i.src()).plus(i.offset()));
      case Instruction.LoadAcquire i -> of(origins.before(slot, i.src()).plus(i.offset()));
      case Instruction.Store i -> of(origins.before(slot, i.dst()).plus(i.offset()));
      case Instruction.StoreRelease i -> of(origins.before(slot, i.dst()).plus(i.offset()));
      case Instruction.Atomic i -> of(origins.before(slot, i.dst()).plus(i.offset()));
      case Instruction.CallHelper _ -> {
        int reach = 0;
        for (Register register : PASSED) {
          reach = Math.max(reach, of(origins.before(slot, register)));
        }
        yield reach;
      }
      default -> 0;
    };
  }

  private static int of(Origin address) {
    return switch (address) {
      case Origin.Frame(long offset) ->
          offset >= 0 ? 0 : (int) Math.min(-offset, FramedRun.STACK_BYTES);
      case Origin.Somewhere somewhere when somewhere == Origin.Somewhere.IN_FRAME ->
          FramedRun.STACK_BYTES;
      case Origin.Constant _,
          Origin.Value _,
          Origin.InnerMap _,
          Origin.InValue _,
          Origin.CallersFrame _,
          Origin.Context _,
          Origin.Somewhere _ ->
          0;
    };
  }
}
