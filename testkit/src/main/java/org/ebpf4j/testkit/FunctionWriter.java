package org.ebpf4j.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Predicate;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Instruction.Alu;
import org.ebpf4j.isa.Instruction.CallHelper;
import org.ebpf4j.isa.Instruction.Exit;
import org.ebpf4j.isa.Instruction.Jump;
import org.ebpf4j.isa.Instruction.Load;
import org.ebpf4j.isa.Instruction.LoadImmediate64;
import org.ebpf4j.isa.Instruction.Store;
import org.ebpf4j.isa.JumpCondition;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Operand.Imm;
import org.ebpf4j.isa.Operand.Reg;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.spec.Reference;
import org.ebpf4j.testkit.Code.Label;
import org.ebpf4j.testkit.Content.Kind;
import org.ebpf4j.testkit.Content.Pointer;
import org.ebpf4j.testkit.Content.Region;
import org.ebpf4j.testkit.Content.Scalar;

/// Writes one function of a program, statement by statement. Knows what registers and stack hold at
/// the place where it writes; the kinds of statements are classes of their own.
///
///      r10      -64                -112
///     ┌──────────┬──────────────────┐
///     │ 8 slots  │ an array of 48   │
///     │ of spills│ bytes            │
///     └──────────┴──────────────────┘
final class FunctionWriter {
  static final int SLOT_BYTES = 8 * Model.SLOTS;
  static final int ARRAY_BYTES = 48;
  static final int STACK_BYTES = SLOT_BYTES + ARRAY_BYTES;

  /// Where [#show] adds up, below all else on the stack.
  private static final short SUM = -STACK_BYTES - 8;

  private static final int MOST_NESTING = 4;

  final ProgramWriter program;
  final Chance chance;
  final Code code;
  final Model model = new Model();

  /// How many calls deep this function is, 0 for the program itself.
  final int depth;

  private final Region array;
  private final Label bail = new Label();
  private final Label bad = new Label();
  private final Numbers numbers;
  private final Accesses accesses;
  private final ContextAccesses contexts;
  private final Packets packets;
  private final Lookups lookups;
  private final Paths paths;
  private final Calls calls;
  private final Pitfalls pitfalls;
  private int kept;
  private int nesting;
  private boolean bails;
  private boolean asserts;

  /// References and locks held: a function does not end meanwhile.
  int held;

  /// Whether a lock is held: no calls meanwhile.
  boolean locked;

  /// Loops around: what runs again changes only what it may.
  int loops;

  FunctionWriter(ProgramWriter program, int depth) {
    this.program = program;
    this.chance = program.chance;
    this.code = program.code;
    this.depth = depth;
    this.array = new Region(Kind.STACK, ARRAY_BYTES, program.newId());
    this.numbers = new Numbers(this);
    this.accesses = new Accesses(this);
    this.contexts = new ContextAccesses(this);
    this.packets = new Packets(this);
    this.lookups = new Lookups(this);
    this.paths = new Paths(this);
    this.calls = new Calls(this);
    this.pitfalls = new Pitfalls(this);
  }

  Numbers numbers() {
    return numbers;
  }

  Accesses accesses() {
    return accesses;
  }

  Packets packets() {
    return packets;
  }

  Lookups lookups() {
    return lookups;
  }

  Paths paths() {
    return paths;
  }

  /// Whether to do the wrong thing here.
  boolean wrong() {
    return chance.perMille(program.settings.wrongPerMille());
  }

  // Function

  /// Writes the function's start: arguments where they survive calls, the stack filled.
  void begin(List<Content> arguments) {
    for (int i = 0; i < arguments.size(); i++) {
      model.set(i + 1, arguments.get(i));
    }
    for (int i = 0; i < Math.min(4, arguments.size()); i++) {
      move(6 + i, i + 1);
    }
    if (!arguments.isEmpty() && arguments.getFirst() instanceof Content.Context) {
      keep(6);
    }
    for (int offset = SLOT_BYTES + 8; offset <= STACK_BYTES; offset += 8) {
      emit(new Store(MemorySize.DOUBLE, Register.R10, (short) -offset, new Imm(chance.below(4))));
    }
    emit(new Store(MemorySize.DOUBLE, Register.R10, SUM, new Imm(0)));
    for (int slot = 0; slot < Model.SLOTS; slot++) {
      if (chance.percent(30)) {
        int value = (int) chance.edge();
        emit(new Store(MemorySize.DOUBLE, Register.R10, slotOffset(slot), new Imm(value)));
        model.setSlot(slot, number(Range.constant(value)));
      }
    }
  }

  /// Asks of arguments that may be 0 whether they are.
  void checkArguments() {
    for (int i = 6; i <= 9; i++) {
      if (model.register(i) instanceof Pointer p && p.maybeNull() && !wrong()) {
        jump(JumpCondition.EQUAL, i, new Imm(0), bail());
        for (int j = 0; j <= 9; j++) {
          if (p.equals(model.register(j))) {
            model.set(j, p.notNull());
          }
        }
      }
    }
  }

  /// Writes the function's end.
  ///
  /// @param highest the greatest result it may return
  void end(long highest) {
    result(highest);
    emit(new Exit());
    if (bails) {
      code.place(bail);
      bailed(highest);
      emit(new Exit());
    }
    if (asserts) {
      // A null pointer is followed, so that whoever comes here is seen.
      code.place(bad);
      constant(0, 0);
      emit(new Load(MemorySize.DOUBLE, false, Register.R0, Register.R0, (short) 0));
      emit(new Exit());
    }
  }

  /// The result of a function that ends early: all that was shown until then. Nothing is known of
  /// the registers there.
  private void bailed(long highest) {
    if (highest == 0 || chance.percent(20)) {
      constant(0, highest == 0 ? 0 : chance.below(2));
      return;
    }
    emit(new Load(MemorySize.DOUBLE, false, Register.R0, Register.R10, SUM));
    foldResult();
    if (highest > 0) {
      emit(alu(Width.W64, AluOperation.AND, 0, new Imm((int) highest)));
    }
  }

  /// Of a program's result 32 bits are looked at.
  private void foldResult() {
    emit(alu(Width.W64, AluOperation.MOV, 1, new Reg(Register.R0)));
    emit(alu(Width.W64, AluOperation.RSH, 1, new Imm(32)));
    emit(alu(Width.W64, AluOperation.ADD, 0, new Reg(Register.R1)));
  }

  /// Adds a number to what the function's result shows however it ends, now and then.
  ///
  /// @param percent how often
  void show(int register, int percent) {
    if (model.register(register) instanceof Scalar && chance.percent(percent)) {
      emit(
          new Instruction.Atomic(
              AtomicOperation.ADD, MemorySize.DOUBLE, Register.R10, SUM, Register.of(register)));
    }
  }

  private void result(long highest) {
    OptionalInt found = find(content -> content instanceof Scalar);
    if (found.isEmpty() || chance.percent(20)) {
      constant(0, Math.min(highest, chance.below(4)));
      return;
    }
    if (chance.percent(75)) {
      digest();
    } else {
      move(0, found.getAsInt());
    }
    if (highest >= 0 && !wrong()) {
      emit(alu(Width.W64, AluOperation.AND, 0, new Imm((int) highest)));
      model.set(0, number(new Range(0, highest)));
    }
  }

  /// `R0` gets a mixture of all numbers in registers and slots, so that what went wrong on the way
  /// shows in the end.
  private void digest() {
    if (!(model.register(0) instanceof Scalar)) {
      constant(0, 1);
    }
    for (int i = 1; i <= 9; i++) {
      if (model.register(i) instanceof Scalar) {
        mix(i);
      }
    }
    for (int slot = 0; slot < Model.SLOTS; slot++) {
      if (model.slot(slot) instanceof Scalar number) {
        emit(new Load(MemorySize.DOUBLE, false, Register.R1, Register.R10, slotOffset(slot)));
        model.set(1, number);
        mix(1);
      }
    }
    emit(new Load(MemorySize.DOUBLE, false, Register.R1, Register.R10, SUM));
    model.set(1, number(Range.ALL));
    mix(1);
    foldResult();
    model.set(1, number(Range.ALL));
    model.set(0, number(Range.ALL));
  }

  private void mix(int register) {
    emit(alu(Width.W64, AluOperation.MUL, 0, new Imm(31)));
    emit(alu(Width.W64, AluOperation.ADD, 0, new Reg(Register.of(register))));
    model.set(0, number(Range.ALL));
  }

  static short slotOffset(int slot) {
    return (short) (-8 * (slot + 1));
  }

  // Statements

  /// Writes so many statements, one after the other.
  void statements(int count) {
    for (int i = 0; i < count && program.mayGoOn(); i++) {
      statement();
    }
  }

  private void statement() {
    int choice = chance.below(100);
    if (choice < 20) {
      numbers.compute();
    } else if (choice < 22) {
      pitfalls.statement();
    } else if (choice < 24) {
      accesses.atEdge();
    } else if (choice < 26) {
      contexts.access();
    } else if (choice < 30) {
      numbers.assertion();
    } else if (choice < 34) {
      numbers.spill();
    } else if (choice < 39) {
      numbers.fill();
    } else if (choice < 51) {
      accesses.constant();
    } else if (choice < 63) {
      accesses.variable();
    } else if (choice < 66) {
      numbers.diamond();
    } else if (choice < 71) {
      packets.statement();
    } else if (choice < 78) {
      outsideLock(lookups::lookUp);
    } else if (choice < 80) {
      outsideLock(chance.percent(50) ? lookups::change : lookups::checkLater);
    } else if (choice < 88) {
      nested(paths::either);
    } else if (choice < 92) {
      nested(paths::loop);
    } else if (choice < 95) {
      outsideLock(calls::call);
    } else if (choice < 97) {
      nested(() -> outsideLock(lookups::reserve));
    } else if (choice < 98) {
      nested(() -> outsideLock(lookups::lock));
    } else if (choice < 99) {
      nested(() -> outsideLock(calls::callBack));
    } else if (wrong()) {
      numbers.wild();
    }
  }

  private void nested(Runnable statement) {
    if (nesting < MOST_NESTING) {
      nesting++;
      statement.run();
      nesting--;
    }
  }

  private void outsideLock(Runnable statement) {
    if (!locked || wrong()) {
      statement.run();
    }
  }

  // Registers

  /// Keeps a register's content until [#release].
  void keep(int register) {
    kept |= 1 << register;
  }

  void release(int register) {
    kept &= ~(1 << register);
  }

  boolean isKept(int register) {
    return (kept & 1 << register) != 0;
  }

  /// A register that may be overwritten.
  int free() {
    return free(0, 9);
  }

  /// A register that may be overwritten and survives calls; empty if all are kept.
  OptionalInt lasting() {
    for (int i = 6; i <= 9; i++) {
      if (!isKept(i)) {
        return OptionalInt.of(free(6, 9));
      }
    }
    return OptionalInt.empty();
  }

  private int free(int first, int last) {
    List<Integer> empty = new ArrayList<>();
    List<Integer> used = new ArrayList<>();
    for (int i = first; i <= last; i++) {
      if (!isKept(i)) {
        (model.holdsNothing(i) ? empty : used).add(i);
      }
    }
    return used.isEmpty() || (!empty.isEmpty() && chance.percent(70))
        ? chance.pick(empty)
        : chance.pick(used);
  }

  /// Some register whose content is of a sort.
  OptionalInt find(Predicate<Content> sort) {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i <= 9; i++) {
      if (sort.test(model.register(i))) {
        found.add(i);
      }
    }
    return found.isEmpty() ? OptionalInt.empty() : OptionalInt.of(chance.pick(found));
  }

  /// A number of which only the range is known.
  Scalar number(Range range) {
    return new Scalar(range, program.newId());
  }

  Range range(int register) {
    return model.register(register) instanceof Scalar(Range range, int id) ? range : Range.ALL;
  }

  /// The stack's array.
  Region array() {
    return array;
  }

  // Instructions

  /// Writes an instruction and notes what form it has.
  void emit(Instruction instruction) {
    program.note(instruction, model);
    code.emit(instruction);
  }

  void emit(Instruction instruction, Label target) {
    program.note(instruction, model);
    code.emit(instruction, target);
  }

  static Alu alu(Width width, AluOperation operation, int dst, Operand src) {
    return new Alu(width, operation, Register.of(dst), src);
  }

  void move(int dst, int src) {
    if (dst != src) {
      emit(alu(Width.W64, AluOperation.MOV, dst, new Reg(Register.of(src))));
      model.set(dst, model.register(src));
    }
  }

  /// A register gets a constant.
  void constant(int dst, long value) {
    if (value == (int) value) {
      emit(alu(Width.W64, AluOperation.MOV, dst, new Imm((int) value)));
    } else {
      emit(LoadImmediate64.of(Register.of(dst), value));
    }
    model.set(dst, number(Range.constant(value)));
  }

  /// A register gets the address so many bytes above the stack's array's start.
  void stackAddress(int dst, int offset) {
    emit(alu(Width.W64, AluOperation.MOV, dst, new Reg(Register.R10)));
    emit(alu(Width.W64, AluOperation.ADD, dst, new Imm(offset - STACK_BYTES)));
    model.set(dst, new Pointer(array, offset, offset, false));
  }

  /// A register gets the address of a slot. What is there is not to be changed through it.
  void slotAddress(int dst, int slot) {
    emit(alu(Width.W64, AluOperation.MOV, dst, new Reg(Register.R10)));
    emit(alu(Width.W64, AluOperation.ADD, dst, new Imm(slotOffset(slot))));
    model.set(dst, Content.NOTHING);
  }

  void mapAddress(int dst, String map) {
    program.note(LoadImmediate64.of(Register.of(dst), 0), model);
    code.emit(
        new LoadImmediate64(Register.of(dst), LoadImmediate64.Source.MAP_FD, 0, 0),
        new Reference.MapHandle(0, map));
    model.set(dst, Content.NOTHING);
  }

  /// Calls a helper, after which `R0` holds what is given.
  void call(int helper, Content result) {
    emit(new CallHelper(helper));
    model.clobber();
    model.set(0, result);
  }

  void jump(Width width, JumpCondition condition, int dst, Operand src, Label target) {
    emit(new Jump(width, condition, Register.of(dst), src, (short) 0), target);
  }

  void jump(JumpCondition condition, int dst, Operand src, Label target) {
    jump(Width.W64, condition, dst, src, target);
  }

  /// Whether the function may end here.
  boolean mayBail() {
    return held == 0 || wrong();
  }

  /// Where to go in order to end the function.
  Label bail() {
    bails = true;
    return bail;
  }

  /// Where nobody may come.
  Label bad() {
    asserts = true;
    return bad;
  }
}
