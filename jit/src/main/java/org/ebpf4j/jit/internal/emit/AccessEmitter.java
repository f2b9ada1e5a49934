package org.ebpf4j.jit.internal.emit;

import java.lang.classfile.CodeBuilder;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.jit.internal.memory.MemoryEmitter;
import org.ebpf4j.jit.internal.memory.Push;
import org.ebpf4j.jit.internal.memory.RunMethods;

/// Writes loads, stores and atomic operations.
final class AccessEmitter {
  private final CodeBuilder code;
  private final Registers registers;
  private final ProgramParts program;

  AccessEmitter(Method method) {
    this.code = method.code();
    this.registers = method.registers();
    this.program = method.program();
  }

  void load(int slot, Instruction.Load load) {
    MemoryEmitter memory = memory(slot);
    memory.load(code, load.size(), address(slot, load.src(), load.offset()));
    loaded(memory, slot, load.dst(), load.size(), load.signed());
  }

  void store(int slot, Instruction.Store store) {
    memory(slot)
        .store(
            code,
            store.size(),
            address(slot, store.dst(), store.offset()),
            value(slot, store.src(), store.size()));
  }

  void loadAcquire(int slot, Instruction.LoadAcquire load) {
    MemoryEmitter memory = memory(slot);
    memory.loadAcquire(code, load.size(), address(slot, load.src(), load.offset()));
    loaded(memory, slot, load.dst(), load.size(), false);
  }

  void storeRelease(int slot, Instruction.StoreRelease store) {
    memory(slot)
        .storeRelease(
            code,
            store.size(),
            address(slot, store.dst(), store.offset()),
            value(slot, new Operand.Reg(store.src()), store.size()));
  }

  void atomic(int slot, Instruction.Atomic atomic) {
    MemorySize size = atomic.size();
    memory(slot)
        .atomic(
            code,
            atomic.operation(),
            size,
            address(slot, atomic.dst(), atomic.offset()),
            value(slot, new Operand.Reg(atomic.src()), size),
            value(slot, new Operand.Reg(Register.R0), size));
    if (atomic.operation() == AtomicOperation.CMPXCHG) {
      unsigned(slot, Register.R0, size);
    } else if (atomic.operation().fetches()) {
      unsigned(slot, atomic.src(), size);
    } else if (size == MemorySize.DOUBLE) {
      code.pop2();
    } else {
      code.pop();
    }
  }

  /// How the instruction at a slot gets at its memory.
  private MemoryEmitter memory(int slot) {
    RunMethods.at(code, slot, registers::pushFramePointer);
    return program.memory().checked();
  }

  private Push address(int slot, Register base, short offset) {
    return to -> {
      registers.push(to, slot, base);
      if (offset != 0) {
        to.loadConstant((long) offset).ladd();
      }
    };
  }

  private Push value(int slot, Operand operand, MemorySize size) {
    return to -> {
      if (size == MemorySize.DOUBLE) {
        registers.push(to, slot, operand);
      } else {
        registers.pushInt(to, slot, operand);
      }
    };
  }

  private void loaded(
      MemoryEmitter memory, int slot, Register dst, MemorySize size, boolean signed) {
    if (memory.loadsRegisters() && signed) {
      code.l2i();
    }
    if (signed) {
      signed(slot, dst, size);
    } else if (memory.loadsRegisters()) {
      registers.pop(code, slot, dst);
    } else {
      unsigned(slot, dst, size);
    }
  }

  private void unsigned(int slot, Register dst, MemorySize size) {
    switch (size) {
      case BYTE -> {
        code.sipush(0xff).iand();
        registers.popSigned(code, slot, dst);
      }
      case HALF -> {
        code.i2c();
        registers.popSigned(code, slot, dst);
      }
      case WORD -> registers.popUnsigned(code, slot, dst);
      case DOUBLE -> registers.pop(code, slot, dst);
    }
  }

  private void signed(int slot, Register dst, MemorySize size) {
    switch (size) {
      case BYTE -> code.i2b();
      case HALF -> code.i2s();
      case WORD, DOUBLE -> {
        // As wide as it is loaded.
      }
    }
    registers.popSigned(code, slot, dst);
  }
}
