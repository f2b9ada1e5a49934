package org.ebpf4j.runtime.internal.engine;

import static org.ebpf4j.runtime.internal.engine.Operation.*;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.runtime.internal.map.ArenaMap;
import org.ebpf4j.runtime.internal.memory.Handles;
import org.jspecify.annotations.Nullable;

/// Turns instructions into the interpreter's own slots, one for one.
public final class Lowering {
  /// A register that holds 0 throughout.
  static final int ZERO = 12;

  /// Not a helper with a body: a jump that the engines make.
  public static final int TAIL_CALL_HELPER = 12;

  private final Resolver resolver;
  private final @Nullable ArenaMap arena;
  private final List<Callee> callees = new ArrayList<>();
  private final List<String> traps = new ArrayList<>();

  private Lowering(Resolver resolver, @Nullable ArenaMap arena) {
    this.resolver = resolver;
    this.arena = arena;
  }

  /// Where calls lead.
  public interface Resolver {
    /// What a call of this helper runs, or the reason why it cannot run.
    Target helper(int slot, int id);

    /// What a call of a kernel function runs, or the reason why it cannot run.
    Target kernelFunction(int slot, int btfId);
  }

  /// Where a call leads.
  public sealed interface Target {
    /// To this helper or kernel function.
    record To(Callee callee) implements Target {}

    /// Nowhere: a fault with this text, should the call be reached.
    record Trap(String reason) implements Target {}
  }

  /// What lowering gives. After the program's own slots stands one more exit: where packet loads go
  /// that miss the packet.
  public record Result(long[] code, Callee[] callees, String[] traps) {}

  /// Lowers instructions that have passed the structure check; handles and addresses are in place.
  ///
  /// @param instructions at the slot where each starts; second slots of wide loads are `null`-free
  ///   gaps
  /// @param arena the one whose addresses the program casts
  public static Result lower(
      List<Instruction> instructions, Resolver resolver, Optional<ArenaMap> arena) {
    Lowering lowering = new Lowering(resolver, arena.orElse(null));
    int slots = instructions.stream().mapToInt(Instruction::slots).sum();
    long[] code = new long[slots + 1];
    code[slots] = slot(EXIT, 0, 0, 0, 0);
    int slot = 0;
    for (Instruction instruction : instructions) {
      code[slot] = lowering.lower(instruction, slot);
      if (instruction instanceof Instruction.LoadImmediate64 load) {
        code[slot + 1] =
            load.source() == Instruction.LoadImmediate64.Source.FUNCTION
                ? Handles.function(slot + 1 + load.low())
                : load.value();
      }
      slot += instruction.slots();
    }
    return new Result(
        code, lowering.callees.toArray(Callee[]::new), lowering.traps.toArray(String[]::new));
  }

  private long lower(Instruction instruction, int slot) {
    // Linux refuses such a write only where it can be reached.
    if (instruction.result().filter(Register.R10::equals).isPresent()) {
      return trap("R10 is the frame pointer and cannot be written");
    }
    return switch (instruction) {
      case Instruction.Alu(Width width, AluOperation operation, Register dst, Operand src) ->
          slot(alu(operation) + base(width), dst, src);
      case Instruction.Negate(Width width, Register dst) ->
          slot(width == Width.W64 ? NEG64 : NEG32, dst.number(), 0, 0, 0);
      case Instruction.MoveSignExtended(Width width, Register dst, Register src, int bits) ->
          slot(moveSignExtended(width, bits), dst.number(), src.number(), 0, 0);
      case Instruction.SwapBytes(Instruction.SwapBytes.Order order, Register dst, int bits) ->
          slot(swap(order, bits), dst.number(), 0, 0, 0);
      case Instruction.CastAddressSpace(Register dst, Register src, int to, int _) ->
          arena == null
              ? trap("addr_space_cast can only be used in a program that has an arena")
              : to == 0 || !arena.convertsPointers()
                  ? slot(MOV32, dst.number(), src.number(), 0, 0)
                  : slot(CAST_TO_USER, dst.number(), src.number(), 0, (int) (arena.start() >>> 32));
      case Instruction.Load load ->
          slot(
              (load.signed() ? LOAD_SIGNED8 : LOAD8) + log2(load.size()),
              load.dst().number(),
              load.src().number(),
              load.offset(),
              0);
      case Instruction.Store store ->
          slot(
              STORE8 + log2(store.size()),
              store.dst().number(),
              number(store.src()),
              store.offset(),
              immediate(store.src()));
      case Instruction.Atomic(
              AtomicOperation operation,
              MemorySize size,
              Register dst,
              short offset,
              Register src) ->
          slot(
              size == MemorySize.DOUBLE ? ATOMIC64 : ATOMIC32,
              dst.number(),
              src.number(),
              offset,
              operation.immediate());
      case Instruction.LoadAcquire load ->
          slot(
              LOAD_ACQUIRE,
              load.dst().number(),
              load.src().number(),
              load.offset(),
              load.size().bytes());
      case Instruction.StoreRelease store ->
          slot(
              STORE_RELEASE,
              store.dst().number(),
              store.src().number(),
              store.offset(),
              store.size().bytes());
      case Instruction.LoadImmediate64 load -> slot(LOAD_CONSTANT, load.dst().number(), 0, 0, 0);
      case Instruction.LoadPacket load ->
          slot(
              LOAD_PACKET,
              0,
              load.index() instanceof Operand.Reg(Register index) ? index.number() : ZERO,
              load.size().bytes(),
              load.offset());
      case Instruction.Jump jump ->
          slot(
              (jump.width() == Width.W64 ? JEQ64 : JEQ32) + condition(jump.condition()),
              jump.dst().number(),
              number(jump.src()),
              jump.offset(),
              immediate(jump.src()));
      case Instruction.Goto(int offset, boolean wide) -> slot(JUMP, 0, 0, 0, slot + 1 + offset);
      case Instruction.MayGoto(short offset) -> slot(MAY_GOTO, 0, 0, 0, slot + 1 + offset);
      case Instruction.CallHelper(int helper) ->
          helper == TAIL_CALL_HELPER
              ? slot(TAIL_CALL, 0, 0, 0, 0)
              : call(resolver.helper(slot, helper));
      case Instruction.CallLocal(int offset) -> slot(CALL_LOCAL, 0, 0, 0, slot + 1 + offset);
      case Instruction.CallKernel call -> call(resolver.kernelFunction(slot, call.btfId()));
      case Instruction.Exit() -> slot(EXIT, 0, 0, 0, 0);
    };
  }

  private long call(Target target) {
    return switch (target) {
      case Target.To(Callee callee) -> {
        int index = callees.indexOf(callee);
        if (index < 0) {
          index = callees.size();
          callees.add(callee);
        }
        yield slot(CALL_HELPER, 0, 0, 0, index);
      }
      case Target.Trap(String reason) -> trap(reason);
    };
  }

  private long trap(String reason) {
    traps.add(reason);
    return slot(TRAP, 0, 0, 0, traps.size() - 1);
  }

  private static long slot(int operation, Register dst, Operand src) {
    return slot(operation, dst.number(), number(src), 0, immediate(src));
  }

  private static long slot(int operation, int dst, int src, int offset, int immediate) {
    return Bytecode.slot(operation, dst, src, (short) offset, immediate);
  }

  private static int number(Operand operand) {
    return operand instanceof Operand.Reg(Register register) ? register.number() : IMMEDIATE;
  }

  private static int immediate(Operand operand) {
    return operand instanceof Operand.Imm(int value) ? value : 0;
  }

  private static int base(Width width) {
    return width == Width.W64 ? ADD64 : ADD32;
  }

  private static int alu(AluOperation operation) {
    return switch (operation) {
      case ADD -> ADD64;
      case SUB -> SUB64;
      case MUL -> MUL64;
      case DIV -> DIV64;
      case SDIV -> SDIV64;
      case OR -> OR64;
      case AND -> AND64;
      case LSH -> LSH64;
      case RSH -> RSH64;
      case MOD -> MOD64;
      case SMOD -> SMOD64;
      case XOR -> XOR64;
      case MOV -> MOV64;
      case ARSH -> ARSH64;
    };
  }

  private static int moveSignExtended(Width width, int bits) {
    int log = Integer.numberOfTrailingZeros(bits) - 3;
    return (width == Width.W64 ? MOVSX64_8 : MOVSX32_8) + log;
  }

  private static int swap(Instruction.SwapBytes.Order order, int bits) {
    boolean hostIsLittle = java.nio.ByteOrder.nativeOrder() == java.nio.ByteOrder.LITTLE_ENDIAN;
    boolean swaps =
        switch (order) {
          case SWAP -> true;
          case TO_LITTLE -> !hostIsLittle;
          case TO_BIG -> hostIsLittle;
        };
    return switch (bits) {
      case 16 -> swaps ? SWAP16 : CLEAR_ABOVE16;
      case 32 -> swaps ? SWAP32 : CLEAR_ABOVE32;
      default -> swaps ? SWAP64 : NOTHING;
    };
  }

  private static int log2(MemorySize size) {
    return Integer.numberOfTrailingZeros(size.bytes());
  }

  private static int condition(JumpCondition condition) {
    return switch (condition) {
      case EQUAL -> 0;
      case GREATER -> 1;
      case GREATER_OR_EQUAL -> 2;
      case ANY_BIT -> 3;
      case NOT_EQUAL -> 4;
      case SIGNED_GREATER -> 5;
      case SIGNED_GREATER_OR_EQUAL -> 6;
      case LESS -> 7;
      case LESS_OR_EQUAL -> 8;
      case SIGNED_LESS -> 9;
      case SIGNED_LESS_OR_EQUAL -> 10;
    };
  }
}
