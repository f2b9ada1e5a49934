package org.ebpf4j.jit.internal.flow;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.isa.Register;
import org.ebpf4j.verifier.Facts;
import org.ebpf4j.verifier.PointerKind;
import org.ebpf4j.verifier.PointerTarget;
import org.ebpf4j.verifier.RegisterFact;
import org.ebpf4j.verifier.StackUse;

/// How a proven function uses its frame of the stack: the cells that need no memory, as nothing but
/// its own loads and stores changes them and all touch the same bytes, and the words that do.
///
/// Offsets count from the frame pointer and are negative.
public final class FrameUse {
  private static final int WORD = Long.BYTES;
  private static final int LOOKUP = Helpers.byName("map_lookup_elem").orElseThrow().id();

  /// With more in one method, locals cost more than they spare.
  private static final int MOST_CELLS = 48;

  /// Some bytes of the frame, always accessed as a whole.
  ///
  /// @param offset of the first byte
  public record Cell(int offset, MemorySize size) {}

  private final List<Cell> cells;
  private final Set<Cell> apart;
  private final Set<Cell> read;
  private final List<Integer> words;

  private FrameUse(List<Cell> cells, Set<Cell> read, List<Integer> words) {
    this.cells = cells;
    this.apart = Set.copyOf(cells);
    this.read = read;
    this.words = words;
  }

  /// What the facts say of a function that is one method.
  ///
  /// @param keys of its lookups: bytes that all of them take from locals need no memory
  public static FrameUse of(Function function, ProgramGraph graph, Facts facts, LookupKeys keys) {
    return of(function, graph, facts, Optional.of(keys));
  }

  /// What the facts say of a function that is cut into many methods: each takes [#cellsIn] into
  /// locals, and between them all is memory.
  public static FrameUse ofCut(Function function, ProgramGraph graph, Facts facts) {
    return of(function, graph, facts, Optional.empty());
  }

  private static FrameUse of(
      Function function, ProgramGraph graph, Facts facts, Optional<LookupKeys> keys) {
    boolean cut = keys.isEmpty();
    Set<Cell> accessed = new LinkedHashSet<>();
    BitSet memory = new BitSet();
    StackUse use = facts.stackUse(function.index());
    for (Block block : function.blocks()) {
      for (int slot = block.start(); slot < block.end(); ) {
        Instruction instruction = graph.instruction(slot);
        collect(slot, instruction, facts, accessed, memory);
        slot += instruction.slots();
      }
    }
    BitSet changed = (BitSet) memory.clone();
    add(changed, use, use::changes);
    List<Cell> cells = new ArrayList<>();
    for (Cell cell : accessed) {
      if ((cut || cells.size() < MOST_CELLS) && isApart(cell, accessed, changed)) {
        cells.add(cell);
      }
    }
    Set<Cell> apart = Set.copyOf(cells);
    BitSet locals = new BitSet();
    cells.forEach(cell -> mark(locals, cell.offset(), cell.size().bytes()));
    if (keys.isPresent() && lookups(function, graph, facts, keys.get(), locals, memory)) {
      add(memory, use, use::escapesBesidesLookups);
    } else {
      add(memory, use, use::escapes);
    }
    Set<Cell> read = new HashSet<>();
    cells.stream().filter(cell -> touches(cell, memory)).forEach(read::add);
    accessed.stream()
        .filter(cell -> cut || !apart.contains(cell) || read.contains(cell))
        .forEach(cell -> mark(memory, cell.offset(), cell.size().bytes()));
    List<Integer> words = new ArrayList<>();
    for (int offset = -StackUse.FRAME_BYTES; offset < 0; offset += WORD) {
      int bit = memory.nextSetBit(-offset - WORD);
      if (bit >= 0 && bit < -offset) {
        words.add(offset);
      }
    }
    return new FrameUse(cells, read, words);
  }

  private interface Bytes {
    boolean include(int offset, int size);
  }

  private static void add(BitSet to, StackUse use, Bytes which) {
    for (int offset = -use.depth(); offset < 0; offset++) {
      if (which.include(offset, 1)) {
        to.set(-offset - 1);
      }
    }
  }

  /// Adds to `memory` the keys in the function's own frame that its lookups do not take from
  /// locals.
  ///
  /// @return whether these are known
  private static boolean lookups(
      Function function,
      ProgramGraph graph,
      Facts facts,
      LookupKeys keys,
      BitSet locals,
      BitSet memory) {
    for (Block block : function.blocks()) {
      for (int slot = block.start(); slot < block.end(); ) {
        Instruction instruction = graph.instruction(slot);
        if (instruction instanceof Instruction.CallHelper call
            && call.helper() == LOOKUP
            && facts.isReachable(slot)) {
          Optional<LookupKeys.Key> key = keys.of(slot, call);
          if (key.isEmpty()
              || !(facts.before(slot, Register.R2.number())
                  instanceof RegisterFact.Pointer pointer)) {
            return false;
          }
          if (pointer.kind() == PointerKind.STACK) {
            if (!isOwn(pointer)) {
              return false;
            }
            BitSet bytes = new BitSet();
            mark(bytes, (int) pointer.minOffset(), key.get().size());
            BitSet missing = (BitSet) bytes.clone();
            missing.andNot(locals);
            if (!key.get().inWords() || !missing.isEmpty()) {
              memory.or(bytes);
            }
          }
        }
        slot += instruction.slots();
      }
    }
    return true;
  }

  /// The cells that can be locals.
  public List<Cell> cells() {
    return cells;
  }

  /// The cell that an instruction of the function loads or stores, if it is one.
  public Optional<Cell> cellAt(int slot, Instruction instruction, Facts facts) {
    Set<Cell> accessed = new HashSet<>();
    collect(slot, instruction, facts, accessed, new BitSet());
    return accessed.stream().filter(apart::contains).findFirst();
  }

  /// Whether a cell must be in memory too: others read it there.
  public boolean isRead(Cell cell) {
    return read.contains(cell);
  }

  /// The words of eight bytes that are memory, by offset, the lowest first.
  public List<Integer> words() {
    return words;
  }

  /// The cells that some blocks of the function access, and whether they write to them: not more
  /// than are good for one method.
  public Map<Cell, Boolean> cellsIn(List<Block> blocks, ProgramGraph graph, Facts facts) {
    Set<Cell> accessed = new LinkedHashSet<>();
    Set<Cell> written = new HashSet<>();
    for (Block block : blocks) {
      for (int slot = block.start(); slot < block.end(); ) {
        Instruction instruction = graph.instruction(slot);
        Set<Cell> touched = new LinkedHashSet<>();
        collect(slot, instruction, facts, touched, new BitSet());
        accessed.addAll(touched);
        if (instruction instanceof Instruction.Store) {
          written.addAll(touched);
        }
        slot += instruction.slots();
      }
    }
    Map<Cell, Boolean> taken = new LinkedHashMap<>();
    for (Cell cell : accessed) {
      if (taken.size() < MOST_CELLS && apart.contains(cell)) {
        taken.put(cell, written.contains(cell));
      }
    }
    return taken;
  }

  private static void collect(
      int slot, Instruction instruction, Facts facts, Set<Cell> accessed, BitSet memory) {
    switch (instruction) {
      case Instruction.Load i -> access(facts, slot, i.src(), i.offset(), i.size(), accessed);
      case Instruction.Store i -> access(facts, slot, i.dst(), i.offset(), i.size(), accessed);
      case Instruction.Atomic i -> inMemory(facts, slot, i.dst(), i.offset(), i.size(), memory);
      case Instruction.LoadAcquire i ->
          inMemory(facts, slot, i.src(), i.offset(), i.size(), memory);
      case Instruction.StoreRelease i ->
          inMemory(facts, slot, i.dst(), i.offset(), i.size(), memory);
      default -> {
        // Touches the stack through addresses only, which then escape.
      }
    }
  }

  private static void access(
      Facts facts, int slot, Register base, int offset, MemorySize size, Set<Cell> accessed) {
    if (facts.isReachable(slot)
        && facts.before(slot, base.number()) instanceof RegisterFact.Pointer pointer
        && isOwn(pointer)) {
      accessed.add(new Cell((int) pointer.minOffset() + offset, size));
    }
  }

  private static void inMemory(
      Facts facts, int slot, Register base, int offset, MemorySize size, BitSet memory) {
    if (facts.isReachable(slot)
        && facts.before(slot, base.number()) instanceof RegisterFact.Pointer pointer
        && isOwn(pointer)) {
      mark(memory, (int) pointer.minOffset() + offset, size.bytes());
    }
  }

  /// Whether a pointer always points to one place in the function's own frame.
  public static boolean isOwn(RegisterFact.Pointer pointer) {
    return pointer.kind() == PointerKind.STACK
        && pointer.isFixed()
        && pointer.target() instanceof PointerTarget.OwnFrame;
  }

  private static void mark(BitSet memory, int offset, int size) {
    memory.set(-offset - size, -offset);
  }

  private static boolean touches(Cell cell, BitSet bytes) {
    int touched = bytes.nextSetBit(-cell.offset() - cell.size().bytes());
    return touched >= 0 && touched < -cell.offset();
  }

  private static boolean isApart(Cell cell, Set<Cell> others, BitSet memory) {
    int end = cell.offset() + cell.size().bytes();
    if (touches(cell, memory)) {
      return false;
    }
    return others.stream()
        .allMatch(other ->
            other.equals(cell)
                || other.offset() >= end
                || other.offset() + other.size().bytes() <= cell.offset());
  }
}
