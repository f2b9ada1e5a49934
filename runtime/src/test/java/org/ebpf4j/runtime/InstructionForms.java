package org.ebpf4j.runtime;

import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Width;

/// Names for the forms of instructions: two instructions of one form differ in registers and
/// numbers only.
final class InstructionForms {
  private InstructionForms() {}

  /// All that the tables must have.
  static Set<String> all() {
    Set<String> forms =
        new HashSet<>(
            Set.of(
                "exit",
                "goto",
                "gotol",
                "may_goto",
                "call local",
                "constant",
                "negate W32",
                "negate W64",
                "move W32 8",
                "move W32 16",
                "move W64 8",
                "move W64 16",
                "move W64 32"));
    for (Width width : Width.values()) {
      for (String operand : List.of("register", "immediate")) {
        for (AluOperation operation : AluOperation.values()) {
          forms.add("alu %s %s %s".formatted(width, operation, operand));
        }
        for (JumpCondition condition : JumpCondition.values()) {
          forms.add("jump %s %s %s".formatted(width, condition, operand));
        }
      }
    }
    for (MemorySize size : MemorySize.values()) {
      forms.addAll(
          List.of(
              "load " + size + " zero-extended",
              "store " + size + " register",
              "store " + size + " immediate",
              "acquire " + size,
              "release " + size));
      if (size != MemorySize.DOUBLE) {
        forms.add("load " + size + " sign-extended");
      }
    }
    for (AtomicOperation operation : AtomicOperation.values()) {
      forms.add("atomic " + operation + " WORD");
      forms.add("atomic " + operation + " DOUBLE");
    }
    for (Instruction.SwapBytes.Order order : Instruction.SwapBytes.Order.values()) {
      for (int bits : new int[] {16, 32, 64}) {
        forms.add("swap %s %d".formatted(order, bits));
      }
    }
    return forms;
  }

  /// What tells one encoding from another, registers and numbers aside. Packet loads, calls out of
  /// the program and address space casts have tests of their own.
  static String of(Instruction instruction) {
    return switch (instruction) {
      case Instruction.Alu i ->
          "alu %s %s %s".formatted(i.width(), i.operation(), operand(i.src()));
      case Instruction.Negate i -> "negate " + i.width();
      case Instruction.MoveSignExtended i -> "move %s %d".formatted(i.width(), i.bits());
      case Instruction.SwapBytes i -> "swap %s %d".formatted(i.order(), i.bits());
      case Instruction.Load i ->
          "load %s %s".formatted(i.size(), i.signed() ? "sign-extended" : "zero-extended");
      case Instruction.Store i -> "store %s %s".formatted(i.size(), operand(i.src()));
      case Instruction.Atomic i -> "atomic %s %s".formatted(i.operation(), i.size());
      case Instruction.LoadAcquire i -> "acquire " + i.size();
      case Instruction.StoreRelease i -> "release " + i.size();
      case Instruction.LoadImmediate64 _ -> "constant";
      case Instruction.Jump i ->
          "jump %s %s %s".formatted(i.width(), i.condition(), operand(i.src()));
      case Instruction.Goto i -> i.wide() ? "gotol" : "goto";
      case Instruction.MayGoto _ -> "may_goto";
      case Instruction.CallLocal _ -> "call local";
      case Instruction.Exit _ -> "exit";
      case Instruction.CastAddressSpace _,
          Instruction.LoadPacket _,
          Instruction.CallHelper _,
          Instruction.CallKernel _ ->
          instruction.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    };
  }

  private static String operand(Operand operand) {
    return operand instanceof Operand.Reg ? "register" : "immediate";
  }
}
