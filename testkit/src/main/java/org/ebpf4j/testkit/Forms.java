package org.ebpf4j.testkit;

import org.ebpf4j.isa.Instruction;
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
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.testkit.Content.Context;
import org.ebpf4j.testkit.Content.Nothing;
import org.ebpf4j.testkit.Content.PacketEnd;
import org.ebpf4j.testkit.Content.Pointer;
import org.ebpf4j.testkit.Content.Scalar;

/// Names the form of an instruction: the operation, its width, and the sort of its operands. What a
/// set of programs covers is counted in these.
final class Forms {
  private Forms() {}

  static String of(Instruction instruction, Model model) {
    return switch (instruction) {
      case Alu i -> i.operation().name() + i.width().bits() + operands(i.dst(), i.src(), model);
      case Negate i -> "NEG" + i.width().bits() + " " + sort(i.dst(), model);
      case MoveSignExtended i -> "MOVSX" + i.width().bits() + " from " + i.bits();
      case SwapBytes i -> i.order().name() + i.bits();
      case CastAddressSpace i -> "CAST";
      case Load i ->
          (i.signed() ? "LOADS" : "LOAD") + i.size().bytes() + " " + sort(i.src(), model);
      case Store i -> "STORE" + i.size().bytes() + operands(i.dst(), i.src(), model);
      case Atomic i ->
          "ATOMIC_" + i.operation().name() + i.size().bytes() + " " + sort(i.dst(), model);
      case LoadAcquire i -> "LOAD_ACQUIRE" + i.size().bytes();
      case StoreRelease i -> "STORE_RELEASE" + i.size().bytes();
      case LoadImmediate64 i -> "LOAD_CONSTANT " + i.source().name();
      case LoadPacket i -> "LOAD_PACKET" + i.size().bytes();
      case Jump i ->
          "J" + i.condition().name() + i.width().bits() + operands(i.dst(), i.src(), model);
      case Goto i -> "GOTO";
      case MayGoto i -> "MAY_GOTO";
      case CallHelper(int helper) -> "CALL helper " + helper;
      case CallLocal i -> "CALL function";
      case CallKernel i -> "CALL kernel function";
      case Exit i -> "EXIT";
    };
  }

  private static String operands(Register dst, Operand src, Model model) {
    return " " + sort(dst, model) + ", " + sort(src, model);
  }

  private static String sort(Operand operand, Model model) {
    return switch (operand) {
      case Operand.Imm i -> "constant";
      case Operand.Reg(Register register) -> sort(register, model);
    };
  }

  private static String sort(Register register, Model model) {
    return register == Register.R10
        ? "frame"
        : switch (model.register(register.number())) {
          case Nothing n -> "other";
          case Scalar n -> "number";
          case Context c -> "context";
          case PacketEnd p -> "packet end";
          case Pointer p ->
              (p.maybeNull() ? "maybe " : "") + p.region().kind() + (moves(p) ? " moved" : "");
        };
  }

  private static boolean moves(Pointer pointer) {
    return pointer.low() != pointer.high();
  }
}
