package org.ebpf4j.jit.internal.flow;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.isa.Width;
import org.ebpf4j.jit.internal.flow.Origin.Somewhere;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.engine.Lowering;
import org.ebpf4j.runtime.internal.map.InnerShape;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.memory.Handles;

/// Where the values of registers come from, before each instruction of a function that nobody has
/// proven: found by following the instructions forward until nothing changes.
///
/// What is certain holds of the registers as compiled code keeps them: nothing but the function's
/// own instructions changes them, and a call of another function only `R0` to `R5`. What lies in
/// memory is never certain. The frame is remembered for guesses alone, one for each place that
/// registers are spilled to.
public final class Origins {
  private static final int REGISTERS = 11;
  private static final int LOOKUP = Helpers.byName("map_lookup_elem").orElseThrow().id();

  private final ProgramGraph graph;
  private final LinkedProgram program;
  private final Optional<ContextLayout> context;
  private final TreeMap<Integer, Block> blocks = new TreeMap<>();
  private final Map<Integer, Origin[]> entries = new HashMap<>();
  private final Map<Long, Origin> spilled = new HashMap<>();

  /// The stores to the frame, by their slots.
  private final NavigableMap<Integer, Stored> stores = new TreeMap<>();

  /// The slots of calls of helpers.
  private final NavigableSet<Integer> helperCalls = new TreeSet<>();

  /// Where [#before] was asked last: mostly the next question is about the next instruction.
  private Block block;

  private int at;
  private Origin[] now;

  /// Where in the frame a store begins and ends.
  private record Stored(long start, long end) {}

  /// @param context what `R1` points at when the program begins
  /// @param handedOn what `R0` to `R5` probably are when the function begins
  Origins(
      Function function,
      ProgramGraph graph,
      LinkedProgram program,
      Optional<ContextLayout> context,
      Origin[] handedOn) {
    this.graph = graph;
    this.program = program;
    this.context = context;
    function.blocks().forEach(each -> blocks.put(each.start(), each));
    Origin[] entry = new Origin[REGISTERS];
    Arrays.fill(entry, Somewhere.UNKNOWN);
    entry[Register.R10.number()] = new Origin.Frame(0);
    System.arraycopy(handedOn, 0, entry, 0, handedOn.length);
    entries.put(function.start(), entry);
    follow(function.start());
    this.block = function.blocks().getFirst();
    this.at = block.start();
    this.now = entry.clone();
  }

  /// Where the value of a register comes from before an instruction that can be reached.
  public Origin before(int slot, Register register) {
    if (slot < at || slot >= block.end()) {
      block = blocks.floorEntry(slot).getValue();
      at = block.start();
      now = entry(at).clone();
    }
    while (at < slot) {
      at = step(at, now);
    }
    return now[register.number()];
  }

  /// The map that a register holds the handle of, if that is certain.
  public Optional<RuntimeMap> map(int slot, Register register) {
    return map(before(slot, register));
  }

  /// The first place in the frame behind an offset at which some store begins or ends that may just
  /// have been made: since the last call of a helper, as the code is laid out.
  public long seamAfter(int slot, long offset) {
    Integer call = helperCalls.lower(slot);
    long first = 0;
    for (Stored stored : stores.subMap(call == null ? 0 : call, slot).values()) {
      if (stored.start > offset) {
        first = Math.min(first, stored.start);
      } else if (stored.end > offset) {
        first = Math.min(first, stored.end);
      }
    }
    return first;
  }

  private Optional<RuntimeMap> map(Origin origin) {
    if (origin instanceof Origin.Constant(long handle)) {
      int id = Handles.mapId(handle);
      for (RuntimeMap map : program.maps()) {
        if (map.id() == id) {
          return Optional.of(map);
        }
      }
    }
    return Optional.empty();
  }

  private Origin[] entry(int start) {
    Origin[] entry = entries.get(start);
    if (entry == null) {
      throw new IllegalStateException("nothing leads to the block at " + start);
    }
    return entry;
  }

  private void follow(int start) {
    Deque<Integer> open = new ArrayDeque<>();
    open.add(start);
    while (!open.isEmpty()) {
      int first = open.remove();
      Block current = blocks.get(first);
      if (current == null) {
        throw new IllegalStateException("no block begins at " + first);
      }
      Origin[] registers = entry(first).clone();
      for (int slot = first; slot < current.end(); ) {
        slot = step(slot, registers);
      }
      for (int next : current.next()) {
        if (join(next, registers)) {
          open.add(next);
        }
      }
    }
  }

  /// Adds one more way to a block; whether that changed anything.
  private boolean join(int start, Origin[] registers) {
    Origin[] known = entries.get(start);
    if (known == null) {
      entries.put(start, registers.clone());
      return true;
    }
    boolean changed = false;
    for (int i = 0; i < REGISTERS; i++) {
      Origin joined = known[i].or(registers[i]);
      if (!joined.equals(known[i])) {
        known[i] = joined;
        changed = true;
      }
    }
    return changed;
  }

  /// Goes over an instruction, and gives the slot of the next.
  private int step(int slot, Origin[] registers) {
    Instruction instruction = graph.instruction(slot);
    int next = slot + instruction.slots();
    if (program.trap(slot) >= 0) {
      return next;
    }
    switch (instruction) {
      case Instruction.Alu alu -> set(registers, alu.dst(), computed(alu, registers));
      case Instruction.LoadImmediate64 load ->
          set(
              registers,
              load.dst(),
              new Origin.Constant(
                  load.source() == Instruction.LoadImmediate64.Source.FUNCTION
                      ? Handles.function(slot + 1 + load.low())
                      : load.value()));
      case Instruction.Load load -> set(registers, load.dst(), loaded(load, registers));
      case Instruction.Store store -> spill(slot, store, registers);
      case Instruction.CallHelper call -> {
        helperCalls.add(slot);
        set(registers, Register.R0, given(slot, call, registers));
      }
      case Instruction.CallLocal _ -> Arrays.fill(registers, 0, 6, Somewhere.UNKNOWN);
      case Instruction.CallKernel _, Instruction.LoadPacket _ ->
          set(registers, Register.R0, Somewhere.UNKNOWN);
      case Instruction.Atomic atomic -> {
        Register changed =
            atomic.operation() == AtomicOperation.CMPXCHG ? Register.R0 : atomic.src();
        if (atomic.operation().fetches()) {
          set(registers, changed, Somewhere.UNKNOWN);
        }
      }
      case Instruction.Negate _,
          Instruction.MoveSignExtended _,
          Instruction.SwapBytes _,
          Instruction.CastAddressSpace _,
          Instruction.LoadAcquire _,
          Instruction.StoreRelease _,
          Instruction.Jump _,
          Instruction.Goto _,
          Instruction.MayGoto _,
          Instruction.Exit _ ->
          instruction.result().ifPresent(result -> set(registers, result, Somewhere.UNKNOWN));
    }
    return next;
  }

  private static void set(Origin[] registers, Register register, Origin origin) {
    registers[register.number()] = origin;
  }

  private static Origin get(Origin[] registers, Register register) {
    return registers[register.number()];
  }

  private static Origin computed(Instruction.Alu alu, Origin[] registers) {
    Origin operand =
        switch (alu.src()) {
          case Operand.Reg(Register register) -> get(registers, register);
          case Operand.Imm(int value) -> new Origin.Constant(value);
        };
    if (alu.width() == Width.W32) {
      return alu.operation() == AluOperation.MOV && operand instanceof Origin.Constant(long value)
          ? new Origin.Constant(value & 0xffff_ffffL)
          : Somewhere.UNKNOWN;
    }
    Origin before = get(registers, alu.dst());
    return switch (alu.operation()) {
      case MOV -> operand;
      case ADD -> before.plus(operand);
      case SUB ->
          operand instanceof Origin.Constant(long value) ? before.plus(-value) : before.vague();
      default -> Somewhere.UNKNOWN;
    };
  }

  private Origin loaded(Instruction.Load load, Origin[] registers) {
    Origin base = get(registers, load.src()).plus(load.offset());
    if (load.size() == MemorySize.DOUBLE) {
      if (base instanceof Origin.Frame(long offset)) {
        return spilled.getOrDefault(offset, Somewhere.UNKNOWN);
      }
      if (base instanceof Origin.CallersFrame(Origins caller, long offset)) {
        return caller.spilled.getOrDefault(offset, Somewhere.UNKNOWN).handedOn(caller);
      }
    }
    boolean packet =
        base instanceof Origin.Context(long offset)
            && context
                .flatMap(layout -> layout.fieldAt((int) offset))
                .filter(field ->
                    field.kind() == ContextLayout.Kind.PACKET
                        || field.kind() == ContextLayout.Kind.PACKET_META)
                .isPresent();
    return packet ? Somewhere.IN_PACKET : Somewhere.UNKNOWN;
  }

  private void spill(int slot, Instruction.Store store, Origin[] registers) {
    if (get(registers, store.dst()).plus(store.offset()) instanceof Origin.Frame(long offset)) {
      stores.put(slot, new Stored(offset, offset + store.size().bytes()));
      if (store.size() == MemorySize.DOUBLE
          && store.src() instanceof Operand.Reg(Register source)) {
        spilled.merge(offset, get(registers, source).guess(), Origin::or);
      }
    }
  }

  private Origin given(int slot, Instruction.CallHelper call, Origin[] registers) {
    if (call.helper() != LOOKUP || !(program.target(slot) instanceof Lowering.Target.To)) {
      return Somewhere.UNKNOWN;
    }
    Origin first = get(registers, Register.R1);
    if (first instanceof Origin.InnerMap(InnerShape shape)) {
      return value(Values.ofInner(shape));
    }
    Optional<RuntimeMap> map = map(first);
    Optional<InnerShape> shape = map.flatMap(RuntimeMap::innerShape);
    return shape.isPresent() ? new Origin.InnerMap(shape.get()) : value(map.flatMap(Values::of));
  }

  private static Origin value(Optional<Values> in) {
    return in.isPresent() ? new Origin.Value(in.get(), 0) : Somewhere.UNKNOWN;
  }
}
