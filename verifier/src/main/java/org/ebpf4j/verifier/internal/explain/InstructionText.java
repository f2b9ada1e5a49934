package org.ebpf4j.verifier.internal.explain;

import java.util.Optional;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.KernelSyntax;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.ebpf4j.verifier.internal.rules.Rules;
import org.jspecify.annotations.Nullable;

/// Instructions as the kernel's log prints them, with the names of what they refer to.
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
    return instruction == null
        ? "not an instruction"
        : KernelSyntax.text(instruction, new SlotNames(slot));
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

  /// A kernel function with its number, which is that of its type.
  private String numbered(String function) {
    return rules.kernel().isKnown()
        ? rules.kernel().function(function).map(id -> function + "#" + id).orElse(function)
        : function;
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

  /// What the instruction at a slot refers to.
  private final class SlotNames implements KernelSyntax.Names {
    private final int slot;

    SlotNames(int slot) {
      this.slot = slot;
    }

    @Override
    public String helper(int id) {
      return rules.helper(id).map(p -> "bpf_" + p.name()).orElse("unknown");
    }

    @Override
    public String kernelFunction(Instruction.CallKernel call) {
      return InstructionText.this
          .kernelFunction(slot)
          .map(InstructionText.this::numbered)
          .orElse("kernel-function");
    }

    @Override
    public String immediate(Instruction.LoadImmediate64 load) {
      return wide(slot, load);
    }
  }
}
