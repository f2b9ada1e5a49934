package org.ebpf4j.isa.classic;

import java.util.ArrayList;
import java.util.List;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;

/// Translates a checked classic program to eBPF, instruction by instruction, with the meaning that
/// `bpf_convert_filter` in Linux's `net/core/filter.c` gives it: A is `R0`, X is `R7`, the context
/// is in `R6`, scratch memory is at the top of the stack. Both A and X are 32 bits wide and start
/// as 0.
///
/// Where each classic instruction starts is known only after the ones before it: the first pass
/// finds that out, with all jumps going nowhere, and the second one uses it.
final class ClassicTranslator {
  static final Register A = Register.R0;
  static final Register X = Register.R7;
  static final Register CONTEXT = Register.R6;

  /// Free between classic instructions.
  private static final Register TEMPORARY = Register.R2;

  private final List<ClassicInstruction> program;
  private final ContextLoads loads;
  private final List<Instruction> out = new ArrayList<>();
  private final int[] starts;

  ClassicTranslator(List<ClassicInstruction> program, ContextLoads loads) {
    this.program = program;
    this.loads = loads;
    this.starts = new int[program.size()];
  }

  List<Instruction> translate() {
    for (int i = 0; i < program.size(); i++) {
      loads.check(i, program.get(i));
    }
    emitAll();
    emitAll();
    return List.copyOf(out);
  }

  private void emitAll() {
    out.clear();
    alu32(AluOperation.MOV, A, new Imm(0));
    alu32(AluOperation.MOV, X, new Imm(0));
    move(CONTEXT, Register.R1);
    for (int i = 0; i < program.size(); i++) {
      starts[i] = out.size();
      emit(i, program.get(i));
    }
  }

  private void emit(int index, ClassicInstruction instruction) {
    int k = instruction.k();
    switch (instruction.code()) {
      case ClassicCode.LOAD_CONSTANT -> alu32(AluOperation.MOV, A, new Imm(k));
      case ClassicCode.LOAD_X_CONSTANT -> alu32(AluOperation.MOV, X, new Imm(k));
      case ClassicCode.STORE -> out.add(store(k, A));
      case ClassicCode.STORE_X -> out.add(store(k, X));
      case ClassicCode.LOAD_SCRATCH -> out.add(loadScratch(A, k));
      case ClassicCode.LOAD_X_SCRATCH -> out.add(loadScratch(X, k));
      case ClassicCode.MOVE_A_TO_X -> move(X, A);
      case ClassicCode.MOVE_X_TO_A -> move(A, X);
      case ClassicCode.LOAD_LENGTH -> out.add(loads.length(A));
      case ClassicCode.LOAD_X_LENGTH -> out.add(loads.length(X));
      case ClassicCode.NEGATE -> out.add(new Instruction.Negate(Width.W32, A));
      case ClassicCode.LOAD_X_HEADER_LENGTH -> headerLength(k);
      case ClassicCode.GOTO -> jumpTo(index + 1 + k);
      case ClassicCode.RETURN_A -> out.add(new Instruction.Exit());
      case ClassicCode.RETURN_CONSTANT -> {
        alu32(AluOperation.MOV, A, new Imm(k));
        out.add(new Instruction.Exit());
      }
      default -> {
        if (ClassicCode.isArithmetic(instruction.code())) {
          arithmetic(instruction);
        } else if (ClassicCode.isConditional(instruction.code())) {
          conditional(index, instruction);
        } else {
          out.addAll(loads.load(index, instruction));
        }
      }
    }
  }

  private void arithmetic(ClassicInstruction instruction) {
    AluOperation operation = operation(ClassicCode.operation(instruction.code()));
    boolean divides = operation == AluOperation.DIV || operation == AluOperation.MOD;
    if (divides && ClassicCode.takesX(instruction.code())) {
      // Classic BPF ends with 0 where it would divide by 0.
      out.add(new Instruction.Jump(Width.W32, JumpCondition.NOT_EQUAL, X, new Imm(0), (short) 2));
      alu32(AluOperation.MOV, A, new Imm(0));
      out.add(new Instruction.Exit());
    }
    alu32(operation, A, operand(instruction));
  }

  private void conditional(int index, ClassicInstruction instruction) {
    int whenTrue = index + 1 + instruction.jumpTrue();
    int whenFalse = index + 1 + instruction.jumpFalse();
    JumpCondition condition = condition(ClassicCode.operation(instruction.code()));
    Operand operand = operand(instruction);
    if (whenTrue == index + 1 && condition != JumpCondition.ANY_BIT) {
      jumpIf(inverse(condition), operand, whenFalse);
      return;
    }
    jumpIf(condition, operand, whenTrue);
    if (whenFalse != index + 1) {
      jumpTo(whenFalse);
    }
  }

  private void jumpIf(JumpCondition condition, Operand operand, int target) {
    out.add(new Instruction.Jump(Width.W32, condition, A, operand, distance(target)));
  }

  /// The condition that holds when one of classic BPF's does not.
  private static JumpCondition inverse(JumpCondition condition) {
    return switch (condition) {
      case EQUAL -> JumpCondition.NOT_EQUAL;
      case GREATER -> JumpCondition.LESS_OR_EQUAL;
      case GREATER_OR_EQUAL -> JumpCondition.LESS;
      default -> throw new IllegalStateException(condition + " has no inverse here");
    };
  }

  private void jumpTo(int target) {
    out.add(new Instruction.Goto(distance(target), false));
  }

  /// From behind the instruction about to be added to a classic one. 4096 classic instructions take
  /// at most 7 slots each, which 16 bits span.
  private short distance(int target) {
    return (short) (starts[target] - out.size() - 1);
  }

  /// `X = 4 * (packet[k] & 15)`, the length of an IPv4 header, with A as it was. A packet load
  /// keeps X only, so A waits there.
  private void headerLength(int k) {
    move(X, A);
    out.add(new Instruction.LoadPacket(MemorySize.BYTE, new Imm(0), k));
    alu32(AluOperation.AND, A, new Imm(0xf));
    alu32(AluOperation.LSH, A, new Imm(2));
    move(TEMPORARY, X);
    move(X, A);
    move(A, TEMPORARY);
  }

  private void alu32(AluOperation operation, Register dst, Operand src) {
    out.add(new Instruction.Alu(Width.W32, operation, dst, src));
  }

  private void move(Register dst, Register src) {
    out.add(new Instruction.Alu(Width.W64, AluOperation.MOV, dst, new Reg(src)));
  }

  private static Instruction store(int cell, Register src) {
    return new Instruction.Store(MemorySize.WORD, Register.R10, scratchOffset(cell), new Reg(src));
  }

  private static Instruction loadScratch(Register dst, int cell) {
    return new Instruction.Load(MemorySize.WORD, false, dst, Register.R10, scratchOffset(cell));
  }

  private static short scratchOffset(int cell) {
    return (short) (-MemorySize.WORD.bytes() * (cell + 1));
  }

  private static Operand operand(ClassicInstruction instruction) {
    return ClassicCode.takesX(instruction.code()) ? new Reg(X) : new Imm(instruction.k());
  }

  private static AluOperation operation(int code) {
    for (AluOperation operation : AluOperation.values()) {
      if (operation.code() == code && operation.offset() == 0) {
        return operation;
      }
    }
    throw new IllegalStateException("code " + code + " was let through unchecked");
  }

  private static JumpCondition condition(int code) {
    for (JumpCondition condition : JumpCondition.values()) {
      if (condition.code() == code) {
        return condition;
      }
    }
    throw new IllegalStateException("code " + code + " was let through unchecked");
  }
}
