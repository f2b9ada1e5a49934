package org.ebpf4j.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ebpf4j.abi.Argument;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.abi.HelperPrototype;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction.Alu;
import org.ebpf4j.isa.Instruction.Atomic;
import org.ebpf4j.isa.Instruction.CallHelper;
import org.ebpf4j.isa.Instruction.CallKernel;
import org.ebpf4j.isa.Instruction.CallLocal;
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

/// Writes a function of a hostile program. `R6` keeps its first argument, `R8` bits that say which
/// statements this run leaves out, `R9` what it computed.
///
///      r10    -16           -168      -176    -208        -256             -512
///     ┌──────┬─────────────┬─────────┬───────┬───────────┬────────────────┬─────────┐
///     │      │ 20 kept     │ flags   │       │ iterators │ 3 dynptrs      │ buffer  │
///     │      │ results     │         │       │           │                │         │
///     └──────┴─────────────┴─────────┴───────┴───────────┴────────────────┴─────────┘
final class HostileWriter {
  static final int KEPT = -168;
  static final int KEPT_COUNT = 20;
  static final int FLAGS = -176;
  static final int ITERATORS = -208;
  static final int DYNPTRS = -256;
  static final int BUFFER = -512;
  private static final int BUFFER_BYTES = 256;
  private static final int RANDOM_NUMBER = 7;
  private static final int LOOKUP = 1;
  private static final int LOCK = 93;
  private static final int UNLOCK = 94;

  private final Shared shared;
  private final Chance chance;
  private final Code code;
  private final HostileArguments arguments;
  private final boolean main;

  /// What the kept results are.
  private final Sort[] kept = new Sort[KEPT_COUNT];

  /// What gave them, by name.
  private final String[] givers = new String[KEPT_COUNT];

  private int keeps;

  /// What was called last.
  private String giver = "";

  /// What a kept result is.
  enum Sort {
    NOTHING,
    NUMBER,
    VALUE,
    RECORD,
    SOCKET,
    OBJECT,
    MEMORY,
    MAP;

    /// What a call leaves in `R0`.
    static Sort of(HelperPrototype.Result result) {
      return switch (result) {
        case INTEGER -> NUMBER;
        case VOID -> NOTHING;
        case MAP_VALUE, MAP_VALUE_OR_NULL -> VALUE;
        case SOCKET_OR_NULL, TCP_SOCKET_OR_NULL, SOCKET_COMMON_OR_NULL -> SOCKET;
        case RING_RECORD_OR_NULL -> RECORD;
        case DYNPTR_MEMORY_OR_NULL -> MEMORY;
        case MEMORY_OR_BTF_OBJECT, MEMORY_OR_BTF_OBJECT_OR_NULL, BTF_OBJECT, BTF_OBJECT_OR_NULL ->
            OBJECT;
      };
    }

    /// What another call has to give for an argument; nothing for those that need none.
    static Sort of(Argument argument) {
      return switch (argument.kind()) {
        case SOCKET_COMMON, SOCKET -> SOCKET;
        case BTF_OBJECT, PERCPU_BTF_OBJECT -> OBJECT;
        case RING_RECORD -> RECORD;
        case ANYTHING -> argument.has(Argument.Flag.RELEASES) ? OBJECT : NOTHING;
        default -> NOTHING;
      };
    }
  }

  /// What the functions of a program have in common.
  ///
  /// @param functions that may be called back
  /// @param all that the program may call
  /// @param theme what of that it mostly calls
  record Shared(
      Chance chance,
      Code code,
      HostileTypes types,
      ContextLayout context,
      List<Label> functions,
      List<HostileCallee> all,
      List<HostileCallee> theme,
      List<Label> strays) {

    Shared(
        Chance chance,
        Code code,
        HostileTypes types,
        ContextLayout context,
        List<Label> functions,
        List<HostileCallee> all,
        List<HostileCallee> theme) {
      this(chance, code, types, context, functions, all, theme, new ArrayList<>());
    }

    /// A place that is not known yet, for an address of a function where none is.
    Label stray() {
      Label label = new Label();
      strays.add(label);
      return label;
    }

    void placeStrayLabels() {
      for (Label label : strays) {
        label.step = chance.below(code.steps().size());
      }
    }
  }

  HostileWriter(Shared shared, boolean main) {
    this.shared = shared;
    this.chance = shared.chance();
    this.code = shared.code();
    this.main = main;
    Arrays.fill(kept, Sort.NOTHING);
    Arrays.fill(givers, "");
    this.arguments = new HostileArguments(shared, kept, givers);
  }

  void write(int statements) {
    begin();
    for (int i = 0; i < statements; i++) {
      statement();
    }
    if (main) {
      move(0, new Reg(Register.R9));
    } else {
      move(0, new Imm(chance.percent(85) ? 0 : 1));
    }
    code.emit(new Exit());
  }

  private void begin() {
    move(6, new Reg(Register.R1));
    move(9, new Imm(0));
    if (main) {
      code.emit(new CallHelper(RANDOM_NUMBER));
      move(8, new Reg(Register.R0));
    } else {
      keep(Register.R1, Sort.MAP);
      keep(Register.R2, Sort.MEMORY);
      keep(Register.R3, Sort.VALUE);
      move(8, new Imm((int) chance.number()));
    }
    for (int at = 0; at < BUFFER_BYTES; at += 8) {
      if (chance.percent(30)) {
        long word =
            chance.percent(50)
                ? chance.below(4)
                : chance.pick(0x2064252078253031L, 0x0000_0073_2520_7025L, chance.edge());
        code.emit(LoadImmediate64.of(Register.R1, word));
        store(BUFFER + at, Register.R1);
      }
    }
  }

  private void statement() {
    Label over = new Label();
    if (chance.percent(70)) {
      code.emit(
          new Jump(
              Width.W64,
              JumpCondition.ANY_BIT,
              Register.R8,
              new Imm(1 << chance.below(31)),
              (short) 0),
          over);
    }
    switch (chance.below(20)) {
      case 0 -> scribble();
      case 1 -> touch();
      case 2, 3 -> contextField();
      case 4 -> code.emit(new CallLocal(0), chance.pick(shared.functions()));
      case 5, 6 -> lookUp();
      default -> call(chance.pick(chance.percent(75) ? shared.theme() : shared.all()));
    }
    code.place(over);
  }

  /// Overwrites what the host keeps in the program's own stack.
  private void scribble() {
    arguments.anything(Register.R1);
    int at =
        switch (chance.below(4)) {
          case 0 -> DYNPTRS + 8 * chance.below(6);
          case 1 -> ITERATORS + 8 * chance.below(5);
          case 2 -> BUFFER + chance.below(BUFFER_BYTES - 8);
          default -> DYNPTRS + 4 * chance.below(12);
        };
    MemorySize size = chance.pick(MemorySize.values());
    code.emit(new Store(size, Register.R10, (short) at, new Reg(Register.R1)));
  }

  /// Loads from or stores to something kept.
  private void touch() {
    int slot = arguments.slot(Sort.VALUE, Sort.MEMORY, Sort.RECORD, Sort.OBJECT, Sort.SOCKET);
    if (slot < 0) {
      return;
    }
    load(Register.R1, KEPT + 8 * slot);
    MemorySize size = chance.pick(MemorySize.values());
    short offset = (short) (chance.percent(80) ? 8 * chance.below(4) : chance.between(-16, 80));
    switch (chance.below(6)) {
      case 0, 1 -> code.emit(new Store(size, Register.R1, offset, new Imm(chance.below(256))));
      case 2 -> {
        move(2, new Imm(1));
        code.emit(
            new Atomic(
                AtomicOperation.ADD,
                chance.pick(MemorySize.WORD, MemorySize.DOUBLE),
                Register.R1,
                offset,
                Register.R2));
      }
      default -> {
        code.emit(new Load(size, false, Register.R1, Register.R1, offset));
        if (size != MemorySize.DOUBLE) {
          add(Register.R1);
        }
      }
    }
  }

  private void contextField() {
    if (!main || shared.context().fields().isEmpty()) {
      return;
    }
    ContextLayout.Field field = chance.pick(shared.context().fields());
    MemorySize size =
        switch (field.element()) {
          case 1 -> MemorySize.BYTE;
          case 2 -> MemorySize.HALF;
          case 4 -> MemorySize.WORD;
          default -> MemorySize.DOUBLE;
        };
    if (chance.percent(20)) {
      arguments.number(Register.R1);
      code.emit(new Store(size, Register.R6, (short) field.offset(), new Reg(Register.R1)));
      return;
    }
    code.emit(new Load(size, false, Register.R0, Register.R6, (short) field.offset()));
    keep(
        Register.R0,
        switch (field.kind()) {
          case NUMBER -> Sort.NUMBER;
          case SOCKET -> Sort.SOCKET;
          default -> Sort.MEMORY;
        });
  }

  private void lookUp() {
    arguments.map(Register.R1);
    arguments.key(Register.R2);
    giver = "map_lookup_elem";
    code.emit(new CallHelper(LOOKUP));
    keepAddress(Sort.VALUE);
  }

  /// Calls something, mostly after what makes its arguments: a lock, and a call whose result it
  /// takes.
  private void call(HostileCallee callee) {
    boolean locks = callee.worksOnGraphs() && chance.percent(70);
    if (locks) {
      arguments.graphLock(Register.R1);
      code.emit(new CallHelper(LOCK));
    }
    for (Argument argument : callee.prototype().arguments()) {
      Sort wanted = Sort.of(argument);
      if (wanted != Sort.NOTHING && chance.percent(arguments.slot(wanted) < 0 ? 80 : 30)) {
        callee.producer(shared.all(), wanted, chance).ifPresent(this::callOnly);
      }
    }
    callOnly(callee);
    if (locks && chance.percent(90)) {
      arguments.graphLock(Register.R1);
      code.emit(new CallHelper(UNLOCK));
    }
  }

  private void callOnly(HostileCallee callee) {
    HelperPrototype prototype = callee.prototype();
    giver = prototype.name();
    for (int i = 0; i < prototype.arguments().size(); i++) {
      arguments.put(Register.of(i + 1), callee, i);
    }
    if (callee.kernel()) {
      int type = shared.types().kernelFunction(prototype.name());
      code.emit(
          new CallKernel(0, (short) 0),
          new Reference.KernelFunction(0, prototype.name(), type, false));
    } else {
      code.emit(new CallHelper(prototype.id()));
    }
    switch (Sort.of(prototype.result())) {
      case NUMBER -> {
        add(Register.R0);
        if (chance.percent(20)) {
          keep(Register.R0, Sort.NUMBER);
        }
      }
      case NOTHING -> {}
      case VALUE, RECORD, SOCKET, OBJECT, MEMORY, MAP -> keepAddress(Sort.of(prototype.result()));
    }
  }

  /// Keeps an address in `R0`, and tells whether there is one; mostly none takes nothing's place.
  private void keepAddress(Sort sort) {
    Label none = new Label();
    if (chance.percent(85)) {
      code.emit(new Jump(Width.W64, JumpCondition.EQUAL, Register.R0, new Imm(0), (short) 0), none);
    }
    keep(Register.R0, sort);
    code.emit(new Alu(Width.W64, AluOperation.ADD, Register.R9, new Imm(1)));
    code.place(none);
  }

  private void keep(Register register, Sort sort) {
    int slot = keeps++ % KEPT_COUNT;
    if (chance.percent(20)) {
      slot = chance.below(KEPT_COUNT);
    }
    kept[slot] = sort;
    givers[slot] = giver;
    store(KEPT + 8 * slot, register);
  }

  /// Adds the lower half of a register to what the function computes; there is no address in it.
  private void add(Register register) {
    code.emit(new Alu(Width.W32, AluOperation.MUL, Register.R9, new Imm(31)));
    code.emit(new Alu(Width.W32, AluOperation.ADD, Register.R9, new Reg(register)));
  }

  private void move(int register, Operand source) {
    code.emit(new Alu(Width.W64, AluOperation.MOV, Register.of(register), source));
  }

  private void store(int offset, Register register) {
    code.emit(new Store(MemorySize.DOUBLE, Register.R10, (short) offset, new Reg(register)));
  }

  private void load(Register register, int offset) {
    code.emit(new Load(MemorySize.DOUBLE, false, register, Register.R10, (short) offset));
  }
}
