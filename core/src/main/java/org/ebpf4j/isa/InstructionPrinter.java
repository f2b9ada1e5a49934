package org.ebpf4j.isa;

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
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;

/// One instruction in llvm-objdump's syntax, without what depends on its place in a program.
final class InstructionPrinter {
  private InstructionPrinter() {}

  static String print(Instruction instruction) {
    return switch (instruction) {
      case Alu i ->
          "%s %s %s"
              .formatted(
                  register(i.width(), i.dst()),
                  i.operation().symbol(),
                  operand(i.width(), i.src()));
      case Negate i ->
          "%s = -%s".formatted(register(i.width(), i.dst()), register(i.width(), i.dst()));
      case MoveSignExtended i ->
          "%s = (s%d)%s"
              .formatted(register(i.width(), i.dst()), i.bits(), register(i.width(), i.src()));
      case SwapBytes i ->
          "%s = %s%d %s".formatted(r(i.dst()), swap(i.order()), i.bits(), r(i.dst()));
      case CastAddressSpace i ->
          "%s = addr_space_cast(%s, 0x%x, 0x%x)"
              .formatted(r(i.dst()), r(i.src()), i.to(), i.from());
      case Load i ->
          "%s = *(%s%d *)%s"
              .formatted(
                  r(i.dst()),
                  i.signed() ? "s" : "u",
                  i.size().bytes() * 8,
                  address(i.src(), i.offset()));
      case Store i ->
          "%s = %s".formatted(memory(i.size(), i.dst(), i.offset()), operand(Width.W64, i.src()));
      case Atomic i -> atomic(i);
      case LoadAcquire i ->
          "%s = load_acquire(%s)"
              .formatted(
                  register(width(i.size()), i.dst()),
                  memory(i.size(), i.src(), i.offset()).substring(1));
      case StoreRelease i ->
          "store_release(%s, %s)"
              .formatted(
                  memory(i.size(), i.dst(), i.offset()).substring(1),
                  register(width(i.size()), i.src()));
      case LoadImmediate64 i -> loadImmediate64(i);
      case LoadPacket i -> "r0 = *(%s *)skb[%s]".formatted(i.size().mnemonic(), packetOffset(i));
      case Jump i ->
          "if %s %s %s goto %s"
              .formatted(
                  register(i.width(), i.dst()),
                  i.condition().symbol(),
                  operand(i.width(), i.src()),
                  jumpOffset(i.offset()));
      case Goto i -> (i.wide() ? "gotol " : "goto ") + jumpOffset(i.offset());
      case MayGoto i -> "may_goto " + jumpOffset(i.offset());
      case CallHelper i -> "call " + hex(i.helper());
      case CallLocal i -> "call " + hex(i.offset());
      case CallKernel i -> "call " + hex(i.btfId());
      case Exit _ -> "exit";
    };
  }

  private static String atomic(Atomic atomic) {
    AtomicOperation operation = atomic.operation();
    Width width = width(atomic.size());
    String memory = memory(atomic.size(), atomic.dst(), atomic.offset());
    String bare = address(atomic.dst(), atomic.offset());
    String inner = bare.substring(1, bare.length() - 1);
    String src = register(width, atomic.src());
    return switch (operation) {
      // llvm-objdump names the whole register in this oldest of all atomics, unless told of v3.
      case ADD -> "lock %s += %s".formatted(memory, r(atomic.src()));
      case OR -> "lock %s |= %s".formatted(memory, src);
      case AND -> "lock %s &= %s".formatted(memory, src);
      case XOR -> "lock %s ^= %s".formatted(memory, src);
      case FETCH_ADD -> fetch("add", src, memory);
      case FETCH_OR -> fetch("or", src, memory);
      case FETCH_AND -> fetch("and", src, memory);
      case FETCH_XOR -> fetch("xor", src, memory);
      case XCHG -> "%s = xchg%s(%s, %s)".formatted(src, exchangeSuffix(width), inner, src);
      case CMPXCHG -> {
        String expected = register(width, Register.R0);
        yield "%s = cmpxchg%s(%s, %s, %s)"
            .formatted(expected, exchangeSuffix(width), inner, expected, src);
      }
    };
  }

  private static String fetch(String name, String src, String memory) {
    return "%s = atomic_fetch_%s(%s, %s)".formatted(src, name, memory.substring(1), src);
  }

  private static String exchangeSuffix(Width width) {
    return width == Width.W64 ? "_64" : "32_32";
  }

  private static String loadImmediate64(LoadImmediate64 load) {
    if (load.source() == LoadImmediate64.Source.VALUE) {
      return "%s = %s ll".formatted(r(load.dst()), hex(load.value()));
    }
    String text =
        "ld_pseudo\t%s, 0x%x, %s".formatted(r(load.dst()), load.source().number(), hex(load.low()));
    return load.high() == 0 ? text : text + ", " + hex(load.high());
  }

  private static String packetOffset(LoadPacket load) {
    return switch (load.index()) {
      case Imm _ -> hex(load.offset());
      case Reg(Register index) when load.offset() == 0 -> r(index);
      case Reg(Register index) -> r(index) + displacement(load.offset());
    };
  }

  private static String swap(SwapBytes.Order order) {
    return switch (order) {
      case TO_LITTLE -> "le";
      case TO_BIG -> "be";
      case SWAP -> "bswap";
    };
  }

  private static Width width(MemorySize size) {
    return size == MemorySize.DOUBLE ? Width.W64 : Width.W32;
  }

  private static String operand(Width width, Operand operand) {
    return switch (operand) {
      case Reg(Register register) -> register(width, register);
      case Imm(int value) -> hex(value);
    };
  }

  private static String memory(MemorySize size, Register base, int offset) {
    return "*(%s *)%s".formatted(size.mnemonic(), address(base, offset));
  }

  private static String address(Register base, int offset) {
    return "(" + r(base) + displacement(offset) + ")";
  }

  private static String displacement(long offset) {
    return offset < 0 ? " - 0x" + Long.toHexString(-offset) : " + 0x" + Long.toHexString(offset);
  }

  private static String jumpOffset(long offset) {
    return (offset < 0 ? "" : "+") + hex(offset);
  }

  private static String register(Width width, Register register) {
    return (width == Width.W64 ? "r" : "w") + register.number();
  }

  private static String r(Register register) {
    return register(Width.W64, register);
  }

  /// A signed number in hexadecimal. The smallest one has no positive counterpart, yet its digits
  /// come out right when they are read as unsigned.
  private static String hex(long value) {
    return value < 0 ? "-0x" + Long.toHexString(-value) : "0x" + Long.toHexString(value);
  }
}
