package org.ebpf4j.isa;

import java.util.Locale;

/// Instructions as the kernel's log and bpftool print them: `r1 = *(u32 *)(r1 +0)`. Source of the
/// forms: `kernel/bpf/disasm.c` of Linux 6.18.
public final class KernelSyntax {
  private KernelSyntax() {}

  /// What an instruction refers to, in words.
  public interface Names {

    /// The name of a helper, such as `bpf_map_lookup_elem`.
    String helper(int id);

    /// The name of a kernel function.
    String kernelFunction(Instruction.CallKernel call);

    /// What a call of a function of the program goes to, such as `pc+5`.
    default String local(int offset) {
      return "pc%+d".formatted(offset);
    }

    /// What a 64-bit immediate stands for, such as `map[counters]`.
    default String immediate(Instruction.LoadImmediate64 load) {
      return "0x" + Long.toHexString(load.value());
    }
  }

  /// One instruction.
  public static String text(Instruction instruction, Names names) {
    return switch (instruction) {
      case Instruction.Alu(var width, var operation, var dst, var src) ->
          "%s %s %s".formatted(register(width, dst), operation.symbol(), operand(width, src));
      case Instruction.Negate(var width, var dst) ->
          "%s = -%s".formatted(register(width, dst), register(width, dst));
      case Instruction.MoveSignExtended(var width, var dst, var src, int bits) ->
          "%s = (s%d)%s".formatted(register(width, dst), bits, register(width, src));
      case Instruction.SwapBytes(var order, var dst, int bits) -> {
        String name =
            switch (order) {
              case TO_LITTLE -> "le";
              case TO_BIG -> "be";
              case SWAP -> "bswap";
            };
        yield "%s = %s%d %s".formatted(r(dst), name, bits, r(dst));
      }
      case Instruction.CastAddressSpace(var dst, var src, int to, int from) ->
          "%s = addr_space_cast(%s, %d, %d)".formatted(r(dst), r(src), to, from);
      case Instruction.Load(var size, boolean signed, var dst, var src, short offset) ->
          "%s = %s".formatted(r(dst), memory(size, signed, src, offset));
      case Instruction.Store(var size, var dst, short offset, var src) ->
          "%s = %s".formatted(memory(size, false, dst, offset), operand(Width.W64, src));
      case Instruction.Atomic atomic -> atomic(atomic);
      case Instruction.LoadAcquire(var size, var dst, var src, short offset) ->
          "%s = load_acquire(%s)".formatted(r(dst), address(size, src, offset));
      case Instruction.StoreRelease(var size, var dst, short offset, var src) ->
          "store_release(%s, %s)".formatted(address(size, dst, offset), r(src));
      case Instruction.LoadImmediate64 load ->
          "%s = %s".formatted(r(load.dst()), names.immediate(load));
      case Instruction.LoadPacket(var size, Operand.Imm index, int offset) ->
          "r0 = *(%s *)skb[%d]".formatted(type(size, false), offset);
      case Instruction.LoadPacket(var size, Operand.Reg(var index), int offset) ->
          "r0 = *(%s *)skb[%s + %d]".formatted(type(size, false), r(index), offset);
      case Instruction.Jump(var width, var condition, var dst, var src, short offset) ->
          "if %s %s %s goto pc%+d"
              .formatted(
                  register(width, dst),
                  condition.symbol(),
                  src instanceof Operand.Imm(int value)
                      ? "0x" + Integer.toHexString(value)
                      : operand(width, src),
                  offset);
      case Instruction.Goto(int offset, boolean wide) ->
          "%s pc%+d".formatted(wide ? "gotol" : "goto", offset);
      case Instruction.MayGoto(short offset) -> "may_goto pc%+d".formatted(offset);
      case Instruction.CallHelper(int helper) ->
          "call %s#%d".formatted(names.helper(helper), helper);
      case Instruction.CallLocal(int offset) -> "call " + names.local(offset);
      case Instruction.CallKernel call -> "call " + names.kernelFunction(call);
      case Instruction.Exit exit -> "exit";
    };
  }

  private static String atomic(Instruction.Atomic atomic) {
    String address = address(atomic.size(), atomic.dst(), atomic.offset());
    String bits = atomic.size() == MemorySize.DOUBLE ? "64" : "";
    String src = r(atomic.src());
    AtomicOperation operation = atomic.operation();
    return switch (operation) {
      case ADD -> "lock *%s += %s".formatted(address, src);
      case OR -> "lock *%s |= %s".formatted(address, src);
      case AND -> "lock *%s &= %s".formatted(address, src);
      case XOR -> "lock *%s ^= %s".formatted(address, src);
      case FETCH_ADD, FETCH_OR, FETCH_AND, FETCH_XOR ->
          "%s = atomic%s_%s(%s, %s)"
              .formatted(src, bits, operation.name().toLowerCase(Locale.ROOT), address, src);
      case XCHG -> "%s = atomic%s_xchg(%s, %s)".formatted(src, bits, address, src);
      case CMPXCHG -> "r0 = atomic%s_cmpxchg(%s, r0, %s)".formatted(bits, address, src);
    };
  }

  private static String memory(MemorySize size, boolean signed, Register base, int offset) {
    return "*(%s *)(%s %+d)".formatted(type(size, signed), r(base), offset);
  }

  private static String address(MemorySize size, Register base, int offset) {
    return "(%s *)(%s %+d)".formatted(type(size, false), r(base), offset);
  }

  private static String type(MemorySize size, boolean signed) {
    return (signed ? "s" : "u") + size.bytes() * 8;
  }

  private static String operand(Width width, Operand operand) {
    return switch (operand) {
      case Operand.Imm(int value) -> Integer.toString(value);
      case Operand.Reg(var register) -> register(width, register);
    };
  }

  private static String register(Width width, Register register) {
    return (width == Width.W64 ? "r" : "w") + register.number();
  }

  private static String r(Register register) {
    return "r" + register.number();
  }
}
