package org.ebpf4j.testkit;

import java.util.OptionalInt;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction.Atomic;
import org.ebpf4j.isa.Instruction.Load;
import org.ebpf4j.isa.Instruction.LoadAcquire;
import org.ebpf4j.isa.Instruction.Store;
import org.ebpf4j.isa.Instruction.StoreRelease;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.testkit.Content.Kind;
import org.ebpf4j.testkit.Content.Pointer;
import org.ebpf4j.testkit.Content.Scalar;

/// Statements that load from and store to memory, at places known and not.
final class Accesses {
  private static final MemorySize[] SIZES = MemorySize.values();

  private final FunctionWriter to;
  private final Chance chance;

  Accesses(FunctionWriter to) {
    this.to = to;
    this.chance = to.chance;
  }

  /// Whether there are so many bytes behind every place that a pointer may point at.
  static boolean mayLoad(Pointer pointer, int bytes) {
    return !pointer.maybeNull() && pointer.low() >= first(pointer) && pointer.room() >= bytes;
  }

  /// The first byte that may be touched: a lock is not.
  private static int first(Pointer pointer) {
    return pointer.region().kind() == Kind.LOCKED_VALUE ? TestTypes.LOCK_BYTES : 0;
  }

  /// A pointer to memory; empty if there is none.
  private OptionalInt pointer() {
    OptionalInt found =
        to.find(content ->
            content instanceof Pointer p
                && (!p.maybeNull() || to.chance.perMille(50))
                && p.room() > 0);
    if (found.isPresent() && chance.percent(80)) {
      return found;
    }
    int dst = to.free();
    to.stackAddress(dst, 8 * chance.below(FunctionWriter.ARRAY_BYTES / 8));
    return OptionalInt.of(dst);
  }

  /// An access at a place known before.
  void constant() {
    OptionalInt base = pointer();
    if (base.isPresent()) {
      access(base.getAsInt(), false);
    }
  }

  /// A load through a pointer that may be 0, as if it were not.
  void unchecked(int base) {
    if (to.model.register(base) instanceof Pointer pointer && pointer.room() > 0) {
      int dst = to.free();
      to.model.set(base, pointer.notNull());
      load(base, dst);
    }
  }

  /// Loads a number that lies behind a pointer.
  void load(int base, int dst) {
    Pointer pointer = (Pointer) to.model.register(base);
    MemorySize size = fitting(pointer);
    short offset = offset(pointer, size, true);
    load(base, dst, size, offset);
  }

  private void load(int base, int dst, MemorySize size, short offset) {
    boolean signed = size != MemorySize.DOUBLE && chance.percent(35);
    to.emit(new Load(size, signed, Register.of(dst), Register.of(base), offset));
    to.model.set(dst, to.number(signed ? Range.ALL : Range.ofBytes(size.bytes())));
    to.show(dst, 40);
  }

  /// A load or store of so many bytes at the very place that a pointer points at, if they were
  /// shown to be there.
  void whole(int base, MemorySize size) {
    if (!(to.model.register(base) instanceof Pointer pointer) || !mayLoad(pointer, size.bytes())) {
      return;
    }
    if (chance.percent(60)) {
      load(base, to.free(), size, (short) 0);
    } else {
      to.emit(new Store(size, Register.of(base), (short) 0, source()));
    }
  }

  private MemorySize fitting(Pointer pointer) {
    MemorySize size = chance.pick(SIZES);
    int room = Math.min(pointer.room(), pointer.region().size() - first(pointer));
    boolean fits = size.bytes() <= room;
    boolean aligned = !onStack(pointer) || aligned(pointer, size);
    return fits && aligned ? size : MemorySize.BYTE;
  }

  private static boolean onStack(Pointer pointer) {
    return pointer.region().kind() == Kind.STACK;
  }

  /// Accesses to the stack are aligned, those of atomic operations too.
  private static boolean aligned(Pointer pointer, MemorySize size) {
    return pointer.low() == pointer.high() && pointer.low() % size.bytes() == 0;
  }

  /// An offset with which an access stays inside, often just so.
  private short offset(Pointer pointer, MemorySize size, boolean align) {
    int most = pointer.room() - size.bytes();
    int least = first(pointer) - pointer.low();
    int offset;
    if (to.wrong()) {
      offset = chance.percent(50) ? most + over(size) : least - over(size);
    } else if (chance.percent(40) || most <= least) {
      offset = most;
    } else {
      offset = chance.between(least, most);
    }
    if (align && !to.wrong()) {
      offset -= Math.floorMod(pointer.low() + offset, size.bytes());
      offset = offset < least ? offset + size.bytes() : offset;
    }
    return (short) offset;
  }

  /// Some access through a pointer.
  ///
  /// @param edge whether at the last place that is allowed
  private void access(int base, boolean edge) {
    if (!(to.model.register(base) instanceof Pointer pointer)) {
      return;
    }
    MemorySize size = fitting(pointer);
    Kind kind = pointer.region().kind();
    boolean packet = kind == Kind.PACKET || kind == Kind.READ_ONLY_PACKET;
    boolean atomics = !packet && size.bytes() >= 4 && aligned(pointer, size);
    boolean align = onStack(pointer);
    int choice = chance.below(10);
    if (choice < 5) {
      load(base, to.free(), size, edge ? last(pointer, size) : offset(pointer, size, align));
    } else if (!pointer.region().writable() && !to.wrong()) {
      return;
    } else if (choice < 8 || !atomics) {
      short offset = edge ? last(pointer, size) : offset(pointer, size, align);
      to.emit(new Store(size, Register.of(base), offset, source()));
    } else if (choice == 8) {
      atomic(base, size, offset(pointer, size, true));
    } else {
      ordered(base, size, offset(pointer, size, true));
    }
  }

  private short last(Pointer pointer, MemorySize size) {
    return (short) (pointer.room() - size.bytes() + (to.wrong() ? over(size) : 0));
  }

  /// How far a near miss goes over an edge: by a byte, or so that it may still be aligned.
  private int over(MemorySize size) {
    return chance.pick(1, Math.max(1, size.bytes() / 2));
  }

  private Operand source() {
    OptionalInt number = to.find(content -> content instanceof Scalar);
    return number.isPresent() && chance.percent(70)
        ? new Reg(Register.of(number.getAsInt()))
        : new Imm((int) chance.edge());
  }

  /// An atomic operation on a number at an edge, which goes over it or does not.
  void atEdge() {
    OptionalInt found =
        to.find(content ->
            content instanceof Pointer p && !p.maybeNull() && p.low() == p.high() && mayHold(p));
    int base = found.isPresent() && chance.percent(60) ? found.getAsInt() : to.free();
    boolean kept = to.isKept(base);
    if (found.isEmpty() || base != found.getAsInt()) {
      to.stackAddress(base, 8 * chance.below(FunctionWriter.ARRAY_BYTES / 8));
    }
    to.keep(base);
    Pointer pointer = (Pointer) to.model.register(base);
    MemorySize size = chance.pick(MemorySize.WORD, MemorySize.DOUBLE);
    int start = Math.max(first(pointer), pointer.low());
    if (pointer.region().size() - (start + size.bytes() - 1) / size.bytes() * size.bytes()
        >= size.bytes()) {
      short offset = offset(pointer, size, true);
      if (chance.percent(70)) {
        to.emit(new Store(size, Register.of(base), offset, new Imm((int) chance.edge())));
      }
      if (chance.percent(60)) {
        to.constant(to.free(), chance.edge());
      }
      atomic(base, size, offset);
    }
    if (!kept) {
      to.release(base);
    }
  }

  /// Whether atomic operations may go there.
  private static boolean mayHold(Pointer pointer) {
    return switch (pointer.region().kind()) {
      case STACK, VALUE, LOCKED_VALUE -> true;
      case PACKET, READ_ONLY_PACKET, RECORD, ARGUMENT -> false;
    };
  }

  /// `R0` gets what a compare-and-exchange expects: mostly what is there, or something else.
  private void expect(int base, MemorySize size, short offset) {
    if (chance.percent(50)) {
      to.emit(new Load(size, false, Register.R0, Register.of(base), offset));
      to.model.set(0, to.number(Range.ofBytes(size.bytes())));
    } else if (!(to.model.register(0) instanceof Scalar) || chance.percent(50)) {
      to.constant(0, chance.edge());
    }
  }

  private void atomic(int base, MemorySize size, short offset) {
    AtomicOperation operation = chance.pick(AtomicOperation.values());
    OptionalInt number = to.find(content -> content instanceof Scalar);
    if (number.isEmpty()) {
      return;
    }
    int src = number.getAsInt();
    if (operation == AtomicOperation.CMPXCHG) {
      if (to.isKept(0) || base == 0) {
        return;
      }
      expect(base, size, offset);
    } else if (operation.fetches() && (to.isKept(src) || src == base)) {
      return;
    }
    to.emit(new Atomic(operation, size, Register.of(base), offset, Register.of(src)));
    if (operation.fetches()) {
      int result = operation == AtomicOperation.CMPXCHG ? 0 : src;
      to.model.set(result, to.number(Range.ofBytes(size.bytes())));
      // R0 is soon written again.
      to.show(result, 90);
    }
  }

  private void ordered(int base, MemorySize size, short offset) {
    OptionalInt number = to.find(content -> content instanceof Scalar);
    if (chance.percent(50) || number.isEmpty()) {
      int dst = to.free();
      to.emit(new LoadAcquire(size, Register.of(dst), Register.of(base), offset));
      to.model.set(dst, to.number(Range.ofBytes(size.bytes())));
    } else {
      to.emit(new StoreRelease(size, Register.of(base), offset, Register.of(number.getAsInt())));
    }
  }

  /// An access at a place that depends on a number, which was made small enough before.
  void variable() {
    OptionalInt found = pointer();
    if (found.isEmpty() || !(to.model.register(found.getAsInt()) instanceof Pointer pointer)) {
      return;
    }
    Kind kind = pointer.region().kind();
    if (kind == Kind.PACKET || kind == Kind.READ_ONLY_PACKET) {
      to.packets().variable(found.getAsInt());
      return;
    }
    int base = found.getAsInt();
    int room = pointer.room() - (pointer.low() < first(pointer) ? first(pointer) : 0);
    if (room < 2) {
      return;
    }
    boolean kept = to.isKept(base);
    to.keep(base);
    int number = to.numbers().unknown();
    int limit = chance.between(1, room - 1);
    to.numbers().bound(number, limit);
    to.numbers().shuffle(number, room - 1);
    if (!kept) {
      to.release(base);
    }
    if (!to.range(number).below(room - 1) && !to.wrong()) {
      return;
    }
    int moved = add(base, number, pointer);
    if (moved >= 0) {
      access(moved, chance.percent(60));
    }
  }

  /// Adds a small number to a copy of a pointer, either way round, and gives the register of it.
  private int add(int base, int number, Pointer pointer) {
    Range range = to.range(number);
    int low = range.below(1 << 20) ? (int) range.low() : 0;
    int high = range.below(1 << 20) ? (int) range.high() : 0;
    int moved = number;
    int start = pointer.low() < first(pointer) ? first(pointer) - pointer.low() : 0;
    if (chance.percent(50)) {
      to.emit(FunctionWriter.alu(Width.W64, AluOperation.ADD, number, new Reg(Register.of(base))));
    } else {
      moved = to.free();
      if (moved == number || moved == base) {
        return -1;
      }
      to.move(moved, base);
      to.emit(FunctionWriter.alu(Width.W64, AluOperation.ADD, moved, new Reg(Register.of(number))));
    }
    if (start > 0) {
      to.emit(FunctionWriter.alu(Width.W64, AluOperation.ADD, moved, new Imm(start)));
    }
    to.model.set(moved, pointer.moved(low + start, high + start));
    return moved;
  }
}
