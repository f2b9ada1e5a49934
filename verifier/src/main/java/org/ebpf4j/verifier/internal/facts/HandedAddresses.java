package org.ebpf4j.verifier.internal.facts;

import java.util.Optional;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.verifier.internal.code.ProgramCode;
import org.jspecify.annotations.Nullable;

/// Who may go where an address of the stack leads: what becomes of the registers that calls take,
/// and whether somebody follows addresses that a program stores.
final class HandedAddresses {
  private static final int ARGUMENTS = 5;

  /// What becomes of a register at a call, and so of the memory that an address in it leads to.
  enum Use {
    /// Nobody reads it.
    NONE,
    /// Memory whose size the walk learns, when it checks the call.
    SIZED,
    /// A number, for all that is known: who takes it may go there and touch all from there upwards.
    NUMBER,
    /// It goes to a function of the program, whose accesses the walk sees.
    CALLBACK
  }

  private static final Use[] USES = Use.values();

  private final byte[] uses;

  /// By slot, the register whose content goes into memory where somebody may follow it, or -1.
  private final byte[] stored;

  HandedAddresses(ProgramCode code) {
    uses = new byte[code.size() * ARGUMENTS];
    boolean followed = false;
    for (int slot = 0; slot < code.size(); slot++) {
      Optional<HelperPrototype> helper =
          code.at(slot) instanceof Instruction.CallHelper(int id)
              ? Helpers.byId(id)
              : Optional.empty();
      boolean own = code.at(slot) instanceof Instruction.CallHelper && helper.isEmpty();
      boolean function = code.at(slot) instanceof Instruction.CallKernel;
      followed |= own || function || helper.filter(HandedAddresses::followsStored).isPresent();
      for (int i = 0; i < ARGUMENTS; i++) {
        Use use = helper.isPresent() ? use(helper.get(), i) : own ? Use.NUMBER : Use.SIZED;
        uses[slot * ARGUMENTS + i] = (byte) use.ordinal();
      }
    }
    stored = new byte[code.size()];
    for (int slot = 0; slot < code.size(); slot++) {
      stored[slot] = (byte) (followed ? stored(code.at(slot)) : -1);
    }
  }

  private static Use use(HelperPrototype helper, int index) {
    if (index >= helper.arguments().size()) {
      return index < helper.registers() ? Use.NUMBER : Use.NONE;
    }
    return switch (helper.arguments().get(index).kind()) {
      case ANYTHING -> Use.NUMBER;
      case STACK -> Use.CALLBACK;
      default -> Use.SIZED;
    };
  }

  /// Whether a helper may go to an address that it finds in memory, or that was a number on the way
  /// to it: text is made of what arguments point at, and probes read anywhere.
  private static boolean followsStored(HelperPrototype helper) {
    return switch (helper.name()) {
      case "snprintf",
          "trace_printk",
          "trace_vprintk",
          "seq_printf",
          "snprintf_btf",
          "seq_printf_btf",
          "probe_read",
          "probe_read_str",
          "probe_read_kernel",
          "probe_read_kernel_str",
          "probe_read_user",
          "probe_read_user_str",
          "probe_write_user",
          "copy_from_user",
          "copy_from_user_task" ->
          true;
      default -> false;
    };
  }

  /// What becomes of a register, 1 to 5, at a call.
  Use use(int slot, int register) {
    return USES[uses[slot * ARGUMENTS + register - 1]];
  }

  /// The register whose content an instruction puts into memory, if somebody else than the
  /// program's own loads and stores may follow it from there; -1 if not. Kernel functions may be an
  /// application's, or make a pointer of a number.
  int stored(int slot) {
    return stored[slot];
  }

  private static int stored(@Nullable Instruction instruction) {
    return switch (instruction) {
      case Instruction.Store i when i.src() instanceof Operand.Reg(Register register) ->
          register.number();
      case Instruction.StoreRelease i -> i.src().number();
      case Instruction.Atomic i -> i.src().number();
      case null, default -> -1;
    };
  }
}
