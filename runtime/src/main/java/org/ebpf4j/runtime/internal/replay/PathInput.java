package org.ebpf4j.runtime.internal.replay;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.InstructionCodec;
import org.ebpf4j.isa.InstructionException;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;

/// Which bytes of the packet and the context a path asks for: follows the path with what little can
/// be said of values in [Lanes], and takes each branch on a byte of the input as a wish.
///
/// Wishes may contradict each other or miss: whoever uses them must try.
public final class PathInput {
  private static final int LONGEST_PACKET = 4096;

  private final Bytecode code;
  private final ContextLayout context;
  private final boolean extremes;
  private final Map<Integer, Byte> packetBytes = new TreeMap<>();
  private final Map<Integer, Byte> contextBytes = new TreeMap<>();
  private final Lanes[] values = new Lanes[11];
  private final Pointer[] pointers = new Pointer[11];

  /// What a register points at, as far as the path tells.
  private record Pointer(Base base, int offset) {
    enum Base {
      NONE,
      CONTEXT,
      PACKET
    }

    static final Pointer NOWHERE = new Pointer(Base.NONE, 0);
  }

  private PathInput(Bytecode code, ContextLayout context, boolean extremes) {
    this.code = code;
    this.context = context;
    this.extremes = extremes;
    Arrays.fill(values, Lanes.NOTHING_KNOWN);
    Arrays.fill(pointers, Pointer.NOWHERE);
    pointers[1] = new Pointer(Pointer.Base.CONTEXT, 0);
  }

  /// The wishes of a path.
  ///
  /// @param slots the instructions of the path, in order, from the program's start
  /// @param extremes whether to wish, where a range will do, for the greatest number in it and not
  ///   for the least
  public static PathInput of(
      Bytecode code, ContextLayout context, List<Integer> slots, boolean extremes) {
    PathInput input = new PathInput(code, context, extremes);
    for (int i = 0; i + 1 < slots.size(); i++) {
      input.step(slots.get(i), slots.get(i + 1));
    }
    return input;
  }

  /// Bytes of the packet by their offset.
  public Map<Integer, Byte> packet() {
    return packetBytes;
  }

  /// Bytes of the context by their offset.
  public Map<Integer, Byte> context() {
    return contextBytes;
  }

  private void step(int slot, int next) {
    Instruction instruction;
    try {
      instruction = InstructionCodec.decode(code, slot);
    } catch (InstructionException e) {
      return;
    }
    switch (instruction) {
      case Instruction.Alu alu -> alu(alu);
      case Instruction.Load load -> load(load);
      case Instruction.SwapBytes swap -> {
        boolean swaps = swap.order() != Instruction.SwapBytes.Order.TO_LITTLE;
        Lanes low = value(swap.dst()).truncate(swap.bits() / 8);
        set(swap.dst(), swaps ? low.swap(swap.bits() / 8) : low);
      }
      case Instruction.Jump jump -> wish(jump, next == slot + 1 + jump.offset());
      case Instruction.CallHelper call -> forget(5);
      case Instruction.CallKernel call -> forget(5);
      case Instruction.CallLocal call -> {
        // Arguments stay as they are; what the function does to the rest is not followed.
      }
      default -> instruction.result().ifPresent(dst -> set(dst, Lanes.NOTHING_KNOWN));
    }
  }

  private void forget(int last) {
    for (int i = 0; i <= last; i++) {
      values[i] = Lanes.NOTHING_KNOWN;
      pointers[i] = Pointer.NOWHERE;
    }
  }

  private Lanes value(Register register) {
    return values[register.number()];
  }

  private void set(Register register, Lanes value) {
    values[register.number()] = value;
    pointers[register.number()] = Pointer.NOWHERE;
  }

  private void alu(Instruction.Alu alu) {
    int dst = alu.dst().number();
    if (alu.src() instanceof Operand.Imm(int number)
        && alu.operation() == AluOperation.ADD
        && pointers[dst].base() != Pointer.Base.NONE) {
      pointers[dst] = new Pointer(pointers[dst].base(), pointers[dst].offset() + number);
      return;
    }
    Pointer moved = Pointer.NOWHERE;
    if (alu.operation() == AluOperation.MOV
        && alu.src() instanceof Operand.Reg(var from)
        && alu.width() == Width.W64) {
      moved = pointers[from.number()];
    }
    Lanes result = computed(alu);
    set(alu.dst(), alu.width() == Width.W32 ? result.truncate(4) : result);
    pointers[dst] = moved;
  }

  private Lanes computed(Instruction.Alu alu) {
    Lanes left = value(alu.dst());
    return switch (alu.src()) {
      case Operand.Reg(var from) ->
          switch (alu.operation()) {
            case MOV -> value(from);
            case OR, ADD, XOR -> left.or(value(from));
            default -> Lanes.NOTHING_KNOWN;
          };
      case Operand.Imm(int number) ->
          switch (alu.operation()) {
            case MOV -> Lanes.constant(number);
            case AND -> left.and(number);
            case LSH -> left.shift(number);
            case RSH -> left.shift(-number);
            default -> Lanes.NOTHING_KNOWN;
          };
    };
  }

  private void load(Instruction.Load load) {
    Pointer base = pointers[load.src().number()];
    int at = base.offset() + load.offset();
    int size = load.size().bytes();
    switch (base.base()) {
      case NONE -> set(load.dst(), Lanes.NOTHING_KNOWN);
      case PACKET ->
          set(
              load.dst(),
              at >= 0 && at < LONGEST_PACKET
                  ? Lanes.input(Lanes.PACKET + at, size)
                  : Lanes.NOTHING_KNOWN);
      case CONTEXT -> {
        ContextLayout.Field field = context.fieldAt(at).orElse(null);
        if (field == null || field.kind() == ContextLayout.Kind.NUMBER) {
          set(load.dst(), at >= 0 ? Lanes.input(Lanes.CONTEXT + at, size) : Lanes.NOTHING_KNOWN);
        } else {
          set(load.dst(), Lanes.NOTHING_KNOWN);
          if (field.name().equals("data")) {
            pointers[load.dst().number()] = new Pointer(Pointer.Base.PACKET, 0);
          }
        }
      }
    }
  }

  /// A comparison with a number, and how it must come out.
  private void wish(Instruction.Jump jump, boolean taken) {
    if (!(jump.src() instanceof Operand.Imm(int number))) {
      return;
    }
    int size = jump.width() == Width.W64 ? 8 : 4;
    Lanes left = value(jump.dst()).truncate(size);
    boolean equal = jump.condition() == (taken ? JumpCondition.EQUAL : JumpCondition.NOT_EQUAL);
    boolean unequal = jump.condition() == (taken ? JumpCondition.NOT_EQUAL : JumpCondition.EQUAL);
    if (equal) {
      putAll(left, size, number);
    } else if (unequal) {
      put(left.lane(0), (byte) (number + 1));
    } else {
      putAll(left, size, inRange(jump.condition(), taken, number));
    }
  }

  private void putAll(Lanes left, int size, long wanted) {
    for (int i = 0; i < size; i++) {
      put(left.lane(i), (byte) (wanted >>> (8 * i)));
    }
  }

  /// A number for which a comparison with another one comes out as wanted.
  private long inRange(JumpCondition condition, boolean taken, long number) {
    return switch (condition) {
      case GREATER, SIGNED_GREATER -> taken ? above(number + 1) : below(number);
      case GREATER_OR_EQUAL, SIGNED_GREATER_OR_EQUAL -> taken ? above(number) : below(number - 1);
      case LESS, SIGNED_LESS -> taken ? below(number - 1) : above(number);
      case LESS_OR_EQUAL, SIGNED_LESS_OR_EQUAL -> taken ? below(number) : above(number + 1);
      case ANY_BIT -> taken ? number : 0;
      case EQUAL, NOT_EQUAL -> number;
    };
  }

  private long above(long least) {
    return extremes ? -1 : least;
  }

  private long below(long greatest) {
    return extremes ? greatest : 0;
  }

  private void put(int lane, byte wanted) {
    if (lane >= Lanes.CONTEXT) {
      contextBytes.put(lane - Lanes.CONTEXT, wanted);
    } else if (lane >= Lanes.PACKET) {
      packetBytes.put(lane - Lanes.PACKET, wanted);
    }
  }
}
