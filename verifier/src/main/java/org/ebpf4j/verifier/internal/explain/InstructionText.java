package org.ebpf4j.verifier.internal.explain;

import java.util.Locale;
import java.util.Optional;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.jspecify.annotations.Nullable;

/// Instructions as the kernel's log prints them: `r1 = *(u32 *)(r1 +0)`. Source of the forms:
/// `kernel/bpf/disasm.c` of Linux 6.18.
final class InstructionText {
  private final ProgramCode code;
  private final Rules rules;

  InstructionText(ProgramCode code, Rules rules) {
    this.code = code;
    this.rules = rules;
  }

  /// With the opcode in front, as in the log: `(61) r1 = *(u32 *)(r1 +0)`.
  String withOpcode(int slot) {
    return "(%02x) %s".formatted(code.opcode(slot), at(slot));
  }

  /// The instruction at a slot.
  String at(int slot) {
    @Nullable Instruction instruction = code.at(slot);
    return switch (instruction) {
      case null -> "not an instruction";
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
      case Instruction.LoadImmediate64 load -> "%s = %s".formatted(r(load.dst()), wide(slot, load));
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
          "call %s#%d"
              .formatted(
                  rules.helper(helper).map(p -> "bpf_" + p.name()).orElse("unknown"), helper);
      case Instruction.CallLocal(int offset) -> "call pc%+d".formatted(offset);
      case Instruction.CallKernel call -> "call " + kernelFunction(slot).orElse("kernel-function");
      case Instruction.Exit exit -> "exit";
    };
  }

  /// The name of what is called at a slot, as it stands in C.
  Optional<String> callee(int slot) {
    return switch (code.at(slot)) {
      case Instruction.CallHelper(int helper) ->
          Optional.of(
              rules
                  .helper(helper)
                  .map(HelperPrototype::name)
                  .map(n -> "bpf_" + n)
                  .orElse("helper " + helper));
      case Instruction.CallKernel call -> kernelFunction(slot);
      case Instruction.CallLocal(int offset) -> {
        int callee = code.subprogramStarting(slot + offset + 1);
        yield callee < 0 ? Optional.empty() : Optional.of(code.subprogram(callee).name());
      }
      case null, default -> Optional.empty();
    };
  }

  private Optional<String> kernelFunction(int slot) {
    return code.reference(slot) instanceof Reference.KernelFunction function
        ? Optional.of(function.name())
        : Optional.empty();
  }

  private String wide(int slot, Instruction.LoadImmediate64 load) {
    return switch (code.reference(slot)) {
      case Reference.MapHandle(int at, String map) -> "map[" + map + "]";
      case Reference.MapData(int at, String map, int offset) ->
          "map[%s][0]%+d".formatted(map, offset);
      case Reference.KernelVariable variable -> "&" + variable.name();
      case Reference.KernelFunctionAddress address -> "&" + address.name();
      case Reference.KernelFunction function -> "&" + function.name();
      case null -> "0x" + Long.toHexString(load.value());
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
