package org.ebpf4j.jit.internal.emit;

import java.lang.classfile.CodeBuilder;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.jit.internal.memory.MemoryEmitters;
import org.ebpf4j.jit.internal.memory.Push;
import org.ebpf4j.jit.internal.memory.RunMethods;

/// Writes loads, stores and atomic operations.
final class AccessEmitter {
  private final CodeBuilder code;
  private final Registers registers;
  private final Places places;

  AccessEmitter(Method method, MemoryEmitters memory) {
    this.code = method.code();
    this.registers = method.registers();
    this.places = new Places(method, memory);
  }

  void load(int slot, Instruction.Load load) {
    Place place = places.of(slot, load.src(), load.offset(), load.size(), true);
    begin(slot, place);
    place.memory().load(code, place.size(), address(slot, load.src(), place));
    loaded(place, slot, load.dst(), load.signed());
  }

  void store(int slot, Instruction.Store store) {
    Place place = places.of(slot, store.dst(), store.offset(), store.size(), false);
    begin(slot, place);
    place
        .memory()
        .store(
            code,
            place.size(),
            address(slot, store.dst(), place),
            value(slot, store.src(), place.size()));
  }

  void loadAcquire(int slot, Instruction.LoadAcquire load) {
    Place place = places.ofAligned(slot, load.src(), load.offset(), load.size());
    begin(slot, place);
    place.memory().loadAcquire(code, place.size(), address(slot, load.src(), place));
    loaded(place, slot, load.dst(), false);
  }

  void storeRelease(int slot, Instruction.StoreRelease store) {
    Place place = places.ofAligned(slot, store.dst(), store.offset(), store.size());
    begin(slot, place);
    place
        .memory()
        .storeRelease(
            code,
            place.size(),
            address(slot, store.dst(), place),
            value(slot, new Operand.Reg(store.src()), place.size()));
  }

  void atomic(int slot, Instruction.Atomic atomic) {
    MemorySize size = atomic.size();
    Place place = places.ofAligned(slot, atomic.dst(), atomic.offset(), size);
    begin(slot, place);
    place
        .memory()
        .atomic(
            code,
            atomic.operation(),
            size,
            address(slot, atomic.dst(), place),
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

  private void begin(int slot, Place place) {
    if (place.checked()) {
      RunMethods.at(code, slot, registers::pushFramePointer);
    }
  }

  private Push address(int slot, Register base, Place place) {
    // HotSpot does not see how far a pointer goes that a loop moves on. It takes its tests of that
    // out of the loop, where they cost more than a short loop does.
    boolean walks = !place.checked() && place.offset() >= 0 && registers.walks(slot, base);
    return to -> {
      registers.push(to, slot, base);
      if (walks) {
        place.memory().bound(to);
      }
      if (place.offset() != 0) {
        to.loadConstant(place.offset()).ladd();
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

  private void loaded(Place place, int slot, Register dst, boolean signed) {
    if (place.memory().loadsRegisters() && signed) {
      code.l2i();
    }
    if (signed) {
      signed(slot, dst, place.size());
    } else if (place.memory().loadsRegisters()) {
      registers.pop(code, slot, dst);
    } else {
      unsigned(slot, dst, place.size());
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
