package org.ebpf4j.isa;

import static org.ebpf4j.isa.InstructionException.Field.DST;
import static org.ebpf4j.isa.InstructionException.Field.IMMEDIATE;
import static org.ebpf4j.isa.InstructionException.Field.OFFSET;
import static org.ebpf4j.isa.InstructionException.Field.OPCODE;
import static org.ebpf4j.isa.InstructionException.Field.SRC;

import org.ebpf4j.isa.Instruction.Alu;
import org.ebpf4j.isa.Instruction.Atomic;
import org.ebpf4j.isa.Instruction.CallHelper;
import org.ebpf4j.isa.Instruction.CallKernel;
import org.ebpf4j.isa.Instruction.CallLocal;
import org.ebpf4j.isa.Instruction.CastAddressSpace;
import org.ebpf4j.isa.Instruction.Exit;
import org.ebpf4j.isa.Instruction.Goto;
import org.ebpf4j.isa.Instruction.Jump;
import org.ebpf4j.isa.Instruction.Load;
import org.ebpf4j.isa.Instruction.LoadAcquire;
import org.ebpf4j.isa.Instruction.LoadImmediate64;
import org.ebpf4j.isa.Instruction.LoadPacket;
import org.ebpf4j.isa.Instruction.MayGoto;
import org.ebpf4j.isa.Instruction.MoveSignExtended;
import org.ebpf4j.isa.Instruction.Negate;
import org.ebpf4j.isa.Instruction.Store;
import org.ebpf4j.isa.Instruction.StoreRelease;
import org.ebpf4j.isa.Instruction.SwapBytes;
import org.ebpf4j.isa.InstructionException.Field;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;
import org.jspecify.annotations.Nullable;

/// Decodes the one instruction at a slot. Each method takes the opcode apart one step further; a
/// field that the instruction leaves unused must be 0.
///
/// Source: RFC 9669, sections 4 and 5; the opcode table of Linux's `kernel/bpf/core.c` and the
/// checks of reserved fields in `kernel/bpf/verifier.c`.
final class SlotDecoder {
  private static final @Nullable AluOperation[] ALU = new @Nullable AluOperation[16];
  private static final @Nullable JumpCondition[] CONDITIONS = new @Nullable JumpCondition[16];
  private static final AtomicOperation[] ATOMICS = AtomicOperation.values();
  private static final LoadImmediate64.Source[] SOURCES = LoadImmediate64.Source.values();

  static {
    for (AluOperation operation : AluOperation.values()) {
      if (operation.offset() == 0) {
        ALU[operation.code() >> 4] = operation;
      }
    }
    for (JumpCondition condition : JumpCondition.values()) {
      CONDITIONS[condition.code() >> 4] = condition;
    }
  }

  private final Bytecode bytecode;
  private final int slot;
  private final int opcode;
  private final int dst;
  private final int src;
  private final short offset;
  private final int immediate;

  SlotDecoder(Bytecode bytecode, int slot) {
    long bits = bytecode.slot(slot);
    this.bytecode = bytecode;
    this.slot = slot;
    this.opcode = Bytecode.opcode(bits);
    this.dst = Bytecode.dst(bits);
    this.src = Bytecode.src(bits);
    this.offset = Bytecode.offset(bits);
    this.immediate = Bytecode.immediate(bits);
  }

  Instruction decode() {
    return switch (Opcode.classOf(opcode)) {
      case Opcode.LD -> load();
      case Opcode.LDX -> loadMemory();
      case Opcode.ST -> store();
      case Opcode.STX -> storeRegister();
      case Opcode.ALU32 -> alu(Width.W32);
      case Opcode.ALU64 -> alu(Width.W64);
      case Opcode.JMP64 -> jump(Width.W64);
      default -> jump(Width.W32);
    };
  }

  private Instruction load() {
    if (opcode == Opcode.LOAD_IMMEDIATE_64) {
      return loadImmediate64();
    }
    MemorySize size = MemorySize.ofOpcode(opcode);
    boolean indirect = Opcode.mode(opcode) == Opcode.PACKET_INDIRECT;
    if ((!indirect && Opcode.mode(opcode) != Opcode.PACKET_ABSOLUTE) || size == MemorySize.DOUBLE) {
      throw unknownOpcode();
    }
    Operand index = indirect ? new Reg(src()) : new Imm(0);
    unused(DST, dst);
    if (!indirect) {
      unused(SRC, src);
    }
    unused(OFFSET, offset);
    return new LoadPacket(size, index, immediate);
  }

  private Instruction loadImmediate64() {
    Register register = dst();
    if (src >= SOURCES.length) {
      throw refuse(SRC, src + " names no kind of 64-bit immediate, 0 to 6 do");
    }
    unused(OFFSET, offset);
    if (slot + 1 >= bytecode.size()) {
      throw refuse(OPCODE, "a 64-bit immediate load takes two slots, and the program ends here");
    }
    long second = bytecode.slot(slot + 1);
    secondUnused(OPCODE, Bytecode.opcode(second));
    secondUnused(DST, Bytecode.dst(second));
    secondUnused(SRC, Bytecode.src(second));
    secondUnused(OFFSET, Bytecode.offset(second));
    int high = Bytecode.immediate(second);
    LoadImmediate64.Source source = SOURCES[src];
    if (!source.takesHigh()) {
      secondUnused(IMMEDIATE, high);
    }
    return new LoadImmediate64(register, source, immediate, high);
  }

  private Instruction loadMemory() {
    MemorySize size = MemorySize.ofOpcode(opcode);
    boolean signed = Opcode.mode(opcode) == Opcode.MEMORY_SIGNED;
    if (signed ? size == MemorySize.DOUBLE : Opcode.mode(opcode) != Opcode.MEMORY) {
      throw unknownOpcode();
    }
    unused(IMMEDIATE, immediate);
    return new Load(size, signed, dst(), src(), offset);
  }

  private Instruction store() {
    if (Opcode.mode(opcode) != Opcode.MEMORY) {
      throw unknownOpcode();
    }
    unused(SRC, src);
    return new Store(MemorySize.ofOpcode(opcode), dst(), offset, new Imm(immediate));
  }

  private Instruction storeRegister() {
    MemorySize size = MemorySize.ofOpcode(opcode);
    if (Opcode.mode(opcode) == Opcode.ATOMIC) {
      return atomic(size);
    }
    if (Opcode.mode(opcode) != Opcode.MEMORY) {
      throw unknownOpcode();
    }
    unused(IMMEDIATE, immediate);
    return new Store(size, dst(), offset, new Reg(src()));
  }

  private Instruction atomic(MemorySize size) {
    if (immediate == Opcode.LOAD_ACQUIRE) {
      return new LoadAcquire(size, dst(), src(), offset);
    }
    if (immediate == Opcode.STORE_RELEASE) {
      return new StoreRelease(size, dst(), offset, src());
    }
    for (AtomicOperation operation : ATOMICS) {
      if (operation.immediate() == immediate) {
        if (size.bytes() < MemorySize.WORD.bytes()) {
          throw refuse(
              OPCODE, "atomic " + operation + " works on 4 or 8 bytes, not on " + size.bytes());
        }
        return new Atomic(operation, size, dst(), offset, src());
      }
    }
    throw refuse(IMMEDIATE, "0x%x names no atomic operation".formatted(immediate));
  }

  private Instruction alu(Width width) {
    int code = Opcode.code(opcode);
    if (code == Opcode.NEGATE) {
      return negate(width);
    }
    if (code == Opcode.SWAP) {
      return swapBytes(width);
    }
    AluOperation operation = ALU[code >> 4];
    if (operation == null) {
      throw unknownOpcode();
    }
    if (operation == AluOperation.MOV && Opcode.takesRegister(opcode) && offset != 0) {
      return moveSpecial(width);
    }
    Operand operand = operand();
    return new Alu(width, signedVariant(operation), dst(), operand);
  }

  private AluOperation signedVariant(AluOperation operation) {
    if (operation != AluOperation.DIV && operation != AluOperation.MOD) {
      unused(OFFSET, offset);
      return operation;
    }
    return switch (offset) {
      case 0 -> operation;
      case 1 -> operation == AluOperation.DIV ? AluOperation.SDIV : AluOperation.SMOD;
      default ->
          throw refuse(OFFSET, "0 divides unsigned and 1 signed, " + offset + " is not defined");
    };
  }

  private Instruction negate(Width width) {
    if (Opcode.takesRegister(opcode)) {
      throw unknownOpcode();
    }
    unused(SRC, src);
    unused(OFFSET, offset);
    unused(IMMEDIATE, immediate);
    return new Negate(width, dst());
  }

  private Instruction swapBytes(Width width) {
    SwapBytes.Order order;
    if (width == Width.W32) {
      order = Opcode.takesRegister(opcode) ? SwapBytes.Order.TO_BIG : SwapBytes.Order.TO_LITTLE;
    } else if (Opcode.takesRegister(opcode)) {
      throw unknownOpcode();
    } else {
      order = SwapBytes.Order.SWAP;
    }
    unused(SRC, src);
    unused(OFFSET, offset);
    if (immediate != 16 && immediate != 32 && immediate != 64) {
      throw refuse(IMMEDIATE, "a byte swap works on 16, 32 or 64 bits, not on " + immediate);
    }
    return new SwapBytes(order, dst(), immediate);
  }

  /// The moves that the offset field turns into something else.
  private Instruction moveSpecial(Width width) {
    if (width == Width.W64 && offset == Opcode.CAST_ADDRESS_SPACE) {
      if (immediate != 1 && immediate != 1 << 16) {
        throw refuse(
            IMMEDIATE,
            "an address space cast goes from 1 to 0 (0x1) or from 0 to 1 (0x10000), not 0x%x"
                .formatted(immediate));
      }
      return new CastAddressSpace(dst(), src(), immediate >>> 16, immediate & 0xffff);
    }
    if (offset != 8 && offset != 16 && (offset != 32 || width == Width.W32)) {
      throw refuse(OFFSET, "a %d-bit move has no variant %d".formatted(width.bits(), offset));
    }
    unused(IMMEDIATE, immediate);
    return new MoveSignExtended(width, dst(), src(), offset);
  }

  private Instruction jump(Width width) {
    return switch (Opcode.code(opcode)) {
      case Opcode.GOTO -> jumpAlways(width);
      case Opcode.CALL -> call(width);
      case Opcode.EXIT -> {
        onlyIn64WithoutRegister(width);
        unused(DST, dst);
        unused(SRC, src);
        unused(OFFSET, offset);
        unused(IMMEDIATE, immediate);
        yield new Exit();
      }
      case Opcode.MAY_GOTO -> {
        onlyIn64WithoutRegister(width);
        unused(DST, dst);
        unused(SRC, src);
        unused(IMMEDIATE, immediate);
        yield new MayGoto(offset);
      }
      default -> {
        JumpCondition condition = CONDITIONS[opcode >> 4];
        if (condition == null) {
          throw unknownOpcode();
        }
        Operand operand = operand();
        yield new Jump(width, condition, dst(), operand, offset);
      }
    };
  }

  private Instruction jumpAlways(Width width) {
    if (Opcode.takesRegister(opcode)) {
      throw unknownOpcode();
    }
    unused(DST, dst);
    unused(SRC, src);
    if (width == Width.W32) {
      unused(OFFSET, offset);
      return new Goto(immediate, true);
    }
    unused(IMMEDIATE, immediate);
    return new Goto(offset, false);
  }

  private Instruction call(Width width) {
    if (width == Width.W64 && Opcode.takesRegister(opcode)) {
      throw refuse(
          OPCODE, "a call through a register (callx) is not supported; compile with -O1 or higher");
    }
    onlyIn64WithoutRegister(width);
    unused(DST, dst);
    if (src != Opcode.CALL_KERNEL) {
      unused(OFFSET, offset);
    }
    return switch (src) {
      case Opcode.CALL_HELPER -> new CallHelper(immediate);
      case Opcode.CALL_LOCAL -> new CallLocal(immediate);
      case Opcode.CALL_KERNEL -> new CallKernel(immediate, offset);
      default ->
          throw refuse(
              SRC, src + " names no kind of call; 0 is a helper, 1 local, 2 a kernel function");
    };
  }

  private void onlyIn64WithoutRegister(Width width) {
    if (width == Width.W32 || Opcode.takesRegister(opcode)) {
      throw unknownOpcode();
    }
  }

  /// The second operand, with the field that it leaves unused checked.
  private Operand operand() {
    if (Opcode.takesRegister(opcode)) {
      unused(IMMEDIATE, immediate);
      return new Reg(src());
    }
    unused(SRC, src);
    return new Imm(immediate);
  }

  private Register dst() {
    return register(DST, dst);
  }

  private Register src() {
    return register(SRC, src);
  }

  private Register register(Field field, int number) {
    if (number > Register.R10.number()) {
      throw refuse(field, "R" + number + " is invalid, registers are R0 to R10");
    }
    return Register.of(number);
  }

  private void unused(Field field, int value) {
    if (value != 0) {
      throw refuse(
          field, "is reserved in opcode 0x%02x and must be 0, not %d".formatted(opcode, value));
    }
  }

  private void secondUnused(Field field, int value) {
    if (value != 0) {
      throw new InstructionException(
          slot + 1,
          field,
          "is reserved in the second half of a 64-bit immediate load and must be 0, not " + value);
    }
  }

  private InstructionException unknownOpcode() {
    return refuse(OPCODE, "unknown opcode 0x%02x".formatted(opcode));
  }

  private InstructionException refuse(Field field, String problem) {
    return new InstructionException(slot, field, problem);
  }
}
