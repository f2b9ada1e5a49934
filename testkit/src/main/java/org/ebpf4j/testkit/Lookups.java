package org.ebpf4j.testkit;

import java.util.OptionalInt;
import org.ebpf4j.abi.MapType;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Instruction.Goto;
import org.ebpf4j.isa.Instruction.Store;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;
import org.ebpf4j.isa.Register;
import org.ebpf4j.spec.MapSpec;
import org.ebpf4j.testkit.Code.Label;
import org.ebpf4j.testkit.Content.Kind;
import org.ebpf4j.testkit.Content.Pointer;
import org.ebpf4j.testkit.Content.Region;
import org.ebpf4j.testkit.Content.Scalar;

/// Statements about maps: elements looked up and changed, ring records, locks.
final class Lookups {
  private static final int LOOKUP = 1;
  private static final int UPDATE = 2;
  private static final int DELETE = 3;
  private static final int SPIN_LOCK = 93;
  private static final int SPIN_UNLOCK = 94;
  private static final int RING_OUTPUT = 130;
  private static final int RING_RESERVE = 131;
  private static final int RING_SUBMIT = 132;
  private static final int RING_DISCARD = 133;

  private final FunctionWriter to;
  private final Chance chance;

  Lookups(FunctionWriter to) {
    this.to = to;
    this.chance = to.chance;
  }

  private boolean maySpin() {
    return to.program.type == ProgramType.XDP || to.program.type == ProgramType.SCHED_CLS;
  }

  private MapSpec map() {
    MapSpec map = chance.pick(TestMaps.LOOKED_UP);
    return map == TestMaps.LOCKED && !maySpin() ? TestMaps.ARRAY : map;
  }

  /// Looks an element up, and mostly asks whether it is there.
  void lookUp() {
    OptionalInt inner = chance.percent(15) ? innerMap() : OptionalInt.empty();
    if (inner.isPresent()) {
      key(TestMaps.INNER);
      to.move(1, inner.getAsInt());
      to.call(LOOKUP, new Pointer(value(TestMaps.INNER), 0, 0, true));
    } else {
      lookUp(map());
    }
    OptionalInt later = to.lasting();
    if (later.isPresent() && chance.percent(20)) {
      to.move(later.getAsInt(), 0);
      return;
    }
    if (!to.mayBail() || to.wrong()) {
      return;
    }
    checkNull(0);
    if (chance.percent(70)) {
      OptionalInt lasting = to.lasting();
      if (lasting.isPresent()) {
        to.move(lasting.getAsInt(), 0);
      }
    }
  }

  /// Looks an element up and does not ask whether it is there: `R0` may be 0.
  void leaveOpen() {
    lookUp(map());
  }

  private void lookUp(MapSpec map) {
    key(map);
    to.mapAddress(1, map.name());
    to.call(LOOKUP, new Pointer(value(map), 0, 0, true));
  }

  private Region value(MapSpec map) {
    Kind kind = map == TestMaps.LOCKED ? Kind.LOCKED_VALUE : Kind.VALUE;
    return new Region(kind, map.valueSize(), to.program.newId());
  }

  /// Finds a map in a map, in a register that calls keep.
  private OptionalInt innerMap() {
    OptionalInt lasting = to.lasting();
    if (lasting.isEmpty() || !to.mayBail()) {
      return OptionalInt.empty();
    }
    key(TestMaps.OUTER);
    to.mapAddress(1, TestMaps.OUTER.name());
    to.call(LOOKUP, Content.NOTHING);
    if (!to.wrong()) {
      to.jump(JumpCondition.EQUAL, 0, new Imm(0), to.bail());
    }
    to.move(lasting.getAsInt(), 0);
    return lasting;
  }

  /// Puts a key on the stack and its address into `R2`.
  private void key(MapSpec map) {
    int slot = chance.below(Model.SLOTS);
    if (to.loops > 0) {
      // Loops leave slots as they are: the array has room, and numbers in it may be anything.
      to.stackAddress(2, 0);
      to.emit(new Store(keySize(map), Register.R2, (short) 0, keyValue(map)));
      return;
    }
    to.emit(new Store(keySize(map), Register.R10, FunctionWriter.slotOffset(slot), keyValue(map)));
    boolean whole = map.keySize() == 8 || to.model.slot(slot) instanceof Scalar;
    to.model.setSlot(slot, whole ? to.number(Range.ALL) : Content.NOTHING);
    to.slotAddress(2, slot);
  }

  private static MemorySize keySize(MapSpec map) {
    return map.keySize() == 8 ? MemorySize.DOUBLE : MemorySize.WORD;
  }

  private Operand keyValue(MapSpec map) {
    OptionalInt number = to.find(content -> content instanceof Scalar);
    boolean hash = map.type().orElseThrow() == MapType.HASH;
    return number.isPresent() && chance.percent(25)
        ? new Reg(Register.of(number.getAsInt()))
        : new Imm(chance.below(hash ? 8 : map.maxEntries() + (chance.percent(10) ? 1 : 0)));
  }

  /// Asks of a pointer that was got before whether it is 0; now and then of another one than it
  /// goes on with.
  void checkLater() {
    OptionalInt found = to.find(content -> content instanceof Pointer p && p.maybeNull());
    if (found.isPresent() && to.mayBail()) {
      checkNull(found.getAsInt());
      OptionalInt other = to.find(content -> content instanceof Pointer p && p.maybeNull());
      if (other.isPresent() && chance.percent(15)) {
        to.accesses().unchecked(other.getAsInt());
      }
    }
  }

  /// Goes on only if a pointer is not 0.
  void checkNull(int register) {
    if (!(to.model.register(register) instanceof Pointer pointer)) {
      return;
    }
    if (chance.percent(60)) {
      to.jump(JumpCondition.EQUAL, register, new Imm(0), to.bail());
    } else {
      Label there = new Label();
      to.jump(JumpCondition.NOT_EQUAL, register, new Imm(0), there);
      to.emit(new Goto(0, false), to.bail());
      to.code.place(there);
    }
    for (int i = 0; i <= 9; i++) {
      if (pointer.equals(to.model.register(i))) {
        to.model.set(i, pointer.notNull());
      }
    }
    for (int i = 0; i < Model.SLOTS; i++) {
      if (pointer.equals(to.model.slot(i))) {
        to.model.setSlot(i, pointer.notNull());
      }
    }
  }

  /// Changes a map, or sends an event.
  void change() {
    switch (chance.below(4)) {
      case 0 -> {
        key(TestMaps.HASH);
        to.mapAddress(1, TestMaps.HASH.name());
        to.call(DELETE, to.number(Range.ALL));
      }
      case 1 -> {
        int length = to.numbers().unknown();
        to.numbers().bound(length, FunctionWriter.ARRAY_BYTES);
        if (!to.range(length).below(FunctionWriter.ARRAY_BYTES)) {
          return;
        }
        to.move(3, length);
        to.stackAddress(2, 0);
        to.mapAddress(1, TestMaps.RING.name());
        to.constant(4, 0);
        to.call(RING_OUTPUT, to.number(Range.ALL));
      }
      default -> {
        OptionalInt inner = chance.percent(15) ? innerMap() : OptionalInt.empty();
        if (inner.isPresent()) {
          changeInner(inner.getAsInt());
          return;
        }
        MapSpec map = chance.percent(60) ? TestMaps.HASH : map();
        key(map);
        to.stackAddress(3, 0);
        to.constant(4, chance.below(map == TestMaps.LOCKED ? 1 : 3));
        to.mapAddress(1, map.name());
        to.call(UPDATE, to.number(Range.ALL));
      }
    }
  }

  private void changeInner(int map) {
    key(TestMaps.INNER);
    if (chance.percent(25)) {
      to.move(1, map);
      to.call(DELETE, to.number(Range.ALL));
      return;
    }
    to.stackAddress(3, 0);
    to.constant(4, chance.below(3));
    to.move(1, map);
    to.call(UPDATE, to.number(Range.ALL));
  }

  /// Reserves a ring record, does something with it, and gives it back on all paths.
  void reserve() {
    OptionalInt lasting = to.lasting();
    if (lasting.isEmpty() || !to.mayBail() || (to.loops > 0 && !to.wrong())) {
      return;
    }
    int size = 8 * chance.between(1, 6);
    to.mapAddress(1, TestMaps.RING.name());
    to.constant(2, size);
    to.constant(3, 0);
    Region record = new Region(Kind.RECORD, size, to.program.newId());
    to.call(RING_RESERVE, new Pointer(record, 0, 0, true));
    checkNull(0);
    int kept = lasting.getAsInt();
    to.move(kept, 0);
    to.keep(kept);
    to.held++;
    to.statements(chance.below(4));
    if (chance.percent(50)) {
      giveBack(kept);
    } else {
      Label otherwise = new Label();
      Label met = new Label();
      int condition = to.numbers().any();
      to.jump(
          chance.pick(JumpCondition.values()), condition, new Imm((int) chance.edge()), otherwise);
      Model before = to.model.copy();
      giveBack(kept);
      Model first = to.model.copy();
      to.emit(new Goto(0, false), met);
      to.code.place(otherwise);
      to.model.become(before);
      giveBack(kept);
      to.code.place(met);
      to.model.join(first);
    }
    to.held--;
    to.release(kept);
    if (!to.wrong()) {
      to.model.forget(Kind.RECORD);
    }
  }

  private void giveBack(int register) {
    if (to.wrong()) {
      return;
    }
    to.move(1, register);
    to.constant(2, 0);
    to.call(chance.percent(50) ? RING_SUBMIT : RING_DISCARD, Content.NOTHING);
  }

  /// Takes a lock, touches what it protects, and lets it go.
  void lock() {
    OptionalInt lasting = to.lasting();
    if (!maySpin() || lasting.isEmpty() || !to.mayBail()) {
      return;
    }
    lookUp(TestMaps.LOCKED);
    checkNull(0);
    int value = lasting.getAsInt();
    to.move(value, 0);
    to.keep(value);
    to.move(1, value);
    to.call(SPIN_LOCK, Content.NOTHING);
    to.held++;
    to.locked = true;
    to.statements(chance.below(4));
    to.locked = false;
    to.held--;
    if (!to.wrong()) {
      to.move(1, value);
      to.call(SPIN_UNLOCK, Content.NOTHING);
    }
    to.release(value);
  }
}
