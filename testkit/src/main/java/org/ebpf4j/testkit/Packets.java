package org.ebpf4j.testkit;

import java.util.OptionalInt;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.Instruction.Goto;
import org.ebpf4j.isa.Instruction.Load;
import org.ebpf4j.isa.Instruction.LoadPacket;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.testkit.Code.Label;
import org.ebpf4j.testkit.Content.Kind;
import org.ebpf4j.testkit.Content.Pointer;
import org.ebpf4j.testkit.Content.Region;

/// Statements that look at the packet: direct access after a check of the bounds, classic loads,
/// and helpers.
final class Packets {
  private static final int LOAD_BYTES = 26;
  private static final int XDP_LOAD_BYTES = 189;
  private static final int ADJUST_HEAD = 44;
  private static final int ADJUST_TAIL = 65;
  private static final int PULL_DATA = 39;
  private static final int MOST_CHECKED = 40;

  private final FunctionWriter to;
  private final Chance chance;

  Packets(FunctionWriter to) {
    this.to = to;
    this.chance = to.chance;
  }

  private boolean direct() {
    return to.program.type == ProgramType.XDP || to.program.type == ProgramType.SCHED_CLS;
  }

  private boolean hasContext() {
    return to.model.register(6) instanceof Content.Context;
  }

  void statement() {
    boolean skb =
        to.program.type == ProgramType.SCHED_CLS || to.program.type == ProgramType.SOCKET_FILTER;
    if (!hasContext() || to.program.type == ProgramType.RAW_TRACEPOINT) {
      return;
    }
    int choice = chance.below(10);
    if (choice < 5 && direct()) {
      open();
    } else if (choice == 5 && direct()) {
      atEnd();
    } else if (choice < 8 && !to.locked) {
      loadBytes();
    } else if (choice == 8 && skb && to.held == 0 && !to.locked) {
      classic();
    } else if (direct() && !to.locked && (to.loops == 0 || to.wrong())) {
      change();
    }
  }

  /// Loads both ends of the packet and checks that so many bytes are there.
  void open() {
    if (mayOpen()) {
      check(begin(), chance.between(1, MOST_CHECKED));
    }
  }

  /// Whether bytes of the packet may be asked for here, and accessed then.
  boolean mayOpen() {
    return direct() && hasContext() && to.mayBail();
  }

  /// A register gets the address of the packet's first byte.
  int begin() {
    boolean xdp = to.program.type == ProgramType.XDP;
    int data = to.free();
    to.emit(
        new Load(MemorySize.WORD, false, Register.of(data), Register.R6, (short) (xdp ? 0 : 76)));
    to.model.set(data, new Pointer(new Region(kind(), 0, to.program.newId()), 0, 0, false));
    return data;
  }

  /// An access to the last bytes of the packet. As near misses, without a check that they are
  /// there, and one byte behind.
  private void atEnd() {
    if (!to.mayBail()) {
      return;
    }
    MemorySize size = chance.pick(MemorySize.values());
    int data = begin();
    to.keep(data);
    int end = end(data);
    boolean endKept = to.isKept(end);
    to.keep(end);
    int place = to.free();
    boolean past = chance.percent(20);
    to.move(place, end);
    to.emit(FunctionWriter.alu(Width.W64, AluOperation.SUB, place, new Reg(Register.of(data))));
    to.emit(
        FunctionWriter.alu(
            Width.W64, AluOperation.SUB, place, new Imm(size.bytes() - (past ? 1 : 0))));
    to.emit(FunctionWriter.alu(Width.W64, AluOperation.AND, place, new Imm(0x7fff)));
    to.emit(FunctionWriter.alu(Width.W64, AluOperation.ADD, place, new Reg(Register.of(data))));
    to.model.set(place, new Pointer(new Region(kind(), 0, to.program.newId()), 0, 0, false));
    if (past) {
      grow(regionOf(place), size.bytes());
    } else {
      check(place, size.bytes());
    }
    to.release(data);
    if (!endKept) {
      to.release(end);
    }
    to.accesses().whole(place, size);
  }

  Region regionOf(int register) {
    return ((Pointer) to.model.register(register)).region();
  }

  private Kind kind() {
    return Kind.PACKET;
  }

  private int end(int other) {
    OptionalInt found = to.find(content -> content instanceof Content.PacketEnd);
    if (found.isPresent()) {
      return found.getAsInt();
    }
    boolean kept = to.isKept(other);
    to.keep(other);
    int end = to.free();
    if (!kept) {
      to.release(other);
    }
    boolean xdp = to.program.type == ProgramType.XDP;
    to.emit(
        new Load(MemorySize.WORD, false, Register.of(end), Register.R6, (short) (xdp ? 4 : 80)));
    to.model.set(end, new Content.PacketEnd());
    return end;
  }

  /// Ends the function if fewer bytes than some number lie behind a pointer.
  void check(int register, int bytes) {
    if (!to.mayBail() || !(to.model.register(register) instanceof Pointer pointer)) {
      return;
    }
    int end = end(register);
    boolean kept = to.isKept(register);
    boolean endKept = to.isKept(end);
    to.keep(register);
    to.keep(end);
    int last = to.free();
    to.move(last, register);
    to.emit(FunctionWriter.alu(Width.W64, AluOperation.ADD, last, new Imm(bytes)));
    to.model.set(last, Content.NOTHING);
    int proven = compare(register, last, end, bytes) + (to.wrong() ? 1 : 0);
    if (!kept) {
      to.release(register);
    }
    if (!endKept) {
      to.release(end);
    }
    grow(pointer.region(), pointer.high() + proven);
  }

  /// Goes on only if there are as many bytes; now and then reads one where it is shown that there
  /// are not.
  ///
  /// @return how many bytes are there then
  private int compare(int register, int last, int end, int bytes) {
    Reg endOperand = new Reg(Register.of(end));
    Reg lastOperand = new Reg(Register.of(last));
    switch (chance.below(5)) {
      case 0 -> to.jump(JumpCondition.GREATER, last, endOperand, to.bail());
      case 1 -> to.jump(JumpCondition.LESS, end, lastOperand, to.bail());
      case 2 -> {
        Label fine = new Label();
        to.jump(JumpCondition.LESS_OR_EQUAL, last, endOperand, fine);
        if (to.wrong()) {
          to.emit(
              new Load(
                  MemorySize.BYTE, false, Register.of(last), Register.of(register), (short) 0));
        }
        to.emit(new Goto(0, false), to.bail());
        to.code.place(fine);
      }
      case 3 -> {
        to.jump(JumpCondition.GREATER_OR_EQUAL, last, endOperand, to.bail());
        return bytes + 1;
      }
      default -> {
        to.jump(JumpCondition.LESS_OR_EQUAL, end, lastOperand, to.bail());
        return bytes + 1;
      }
    }
    return bytes;
  }

  void grow(Region region, int size) {
    Region larger = new Region(region.kind(), Math.max(size, region.size()), region.id());
    for (int i = 0; i <= 9; i++) {
      if (to.model.register(i) instanceof Pointer p && p.region().equals(region)) {
        to.model.set(i, new Pointer(larger, p.low(), p.high(), false));
      }
    }
    for (int i = 0; i < Model.SLOTS; i++) {
      if (to.model.slot(i) instanceof Pointer p && p.region().equals(region)) {
        to.model.setSlot(i, new Pointer(larger, p.low(), p.high(), false));
      }
    }
  }

  /// Moves a pointer into the packet by a number, and checks the bounds anew.
  void variable(int base) {
    if (!hasContext()
        || !to.mayBail()
        || !(to.model.register(base) instanceof Pointer pointer)
        || pointer.low() != pointer.high()) {
      return;
    }
    boolean kept = to.isKept(base);
    to.keep(base);
    int number = to.numbers().unknown();
    to.numbers().bound(number, chance.pick(7, 15, 20, 63, 255, 1000, 0x7fff));
    to.numbers().shuffle(number, 0x7fff);
    if (!kept) {
      to.release(base);
    }
    if (!to.range(number).below(0x7fff)) {
      return;
    }
    to.emit(FunctionWriter.alu(Width.W64, AluOperation.ADD, number, new Reg(Register.of(base))));
    to.model.set(number, new Pointer(new Region(kind(), 0, to.program.newId()), 0, 0, false));
    if (to.wrong()) {
      grow(new Region(kind(), 0, idOf(number)), pointer.room());
    } else {
      check(number, chance.between(1, MOST_CHECKED));
    }
  }

  private int idOf(int register) {
    return to.model.register(register) instanceof Pointer p ? p.region().id() : -1;
  }

  /// Copies bytes of the packet to the stack, as many as a number says.
  private void loadBytes() {
    int helper = to.program.type == ProgramType.XDP ? XDP_LOAD_BYTES : LOAD_BYTES;
    int length = to.numbers().unknown();
    int offset = chance.below(FunctionWriter.ARRAY_BYTES - 8);
    int room = FunctionWriter.ARRAY_BYTES - offset;
    to.numbers().bound(length, room - 1);
    to.numbers().apply(Width.W64, AluOperation.ADD, length, new Imm(1), Range.constant(1));
    if (!to.range(length).below(room)) {
      return;
    }
    to.move(4, length);
    to.stackAddress(3, offset);
    to.constant(2, chance.percent(80) ? chance.below(64) : chance.edge());
    to.move(1, 6);
    to.call(helper, to.number(Range.ALL));
  }

  /// A load of classic BPF: past the packet's end it ends the program.
  private void classic() {
    if (to.depth > 0 && !to.wrong()) {
      return;
    }
    MemorySize size = chance.pick(MemorySize.BYTE, MemorySize.HALF, MemorySize.WORD);
    to.emit(new LoadPacket(size, new Imm(0), chance.below(32)));
    to.model.clobber();
    to.model.set(0, to.number(Range.ofBytes(size.bytes())));
  }

  /// Changes the packet, so that pointers into it are good for nothing.
  private void change() {
    boolean xdp = to.program.type == ProgramType.XDP;
    int helper = xdp ? chance.pick(ADJUST_HEAD, ADJUST_TAIL) : PULL_DATA;
    to.constant(2, xdp ? chance.between(-16, 16) : chance.below(64));
    to.move(1, 6);
    to.call(helper, to.number(Range.ALL));
    if (to.wrong()) {
      return;
    }
    to.model.forget(Kind.PACKET, Kind.READ_ONLY_PACKET);
    for (int i = 0; i <= 9; i++) {
      if (to.model.register(i) instanceof Content.PacketEnd) {
        to.model.set(i, Content.NOTHING);
      }
    }
    to.program.changesPacket();
  }
}
