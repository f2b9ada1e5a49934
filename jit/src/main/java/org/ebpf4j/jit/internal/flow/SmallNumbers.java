package org.ebpf4j.jit.internal.flow;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.ebpf4j.isa.AluOperation;
import org.ebpf4j.isa.AtomicOperation;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Operand;
import org.ebpf4j.isa.Register;
import org.ebpf4j.verifier.Facts;
import org.ebpf4j.verifier.RegisterFact;

/// Finds where registers are ints, and small numbers, from the facts.
///
/// A value lives from the instruction that writes it to those that read it. Values of a register
/// that meet where control flow joins form a web; a web is an int if all its values are. So the
/// type of a register is the same on all ways to a block, and HotSpot sees the counters of loops as
/// ints.
public final class SmallNumbers implements RegisterTypes {
  private static final int REGISTERS = 10;
  private static final long LOWER_HALF = 0xffff_ffffL;

  /// Nothing is ever mapped below this address.
  private static final long LOWEST_ADDRESS = 1L << 16;

  /// What may be added to any address of a process and leaves it positive.
  private static final long FAR = 1L << 62;

  private final int start;
  private final ProgramGraph graph;
  private final Facts facts;
  private final DisjointSets webs = new DisjointSets();

  /// By web: whether one of its values takes more than an int.
  private final BitSet wide = new BitSet();

  /// By web: whether one of its values is not small.
  private final BitSet large = new BitSet();

  /// By the slot of a block's start, then by register: the web that comes in.
  private final Map<Integer, int[]> entries = new HashMap<>();

  // By slot, from the function's first on, and register.
  private final BitSet intsBefore = new BitSet();
  private final BitSet intsAfter = new BitSet();
  private final BitSet smallBefore = new BitSet();
  private final BitSet walksBefore = new BitSet();

  private SmallNumbers(Function function, ProgramGraph graph, Facts facts) {
    this.start = function.start();
    this.graph = graph;
    this.facts = facts;
  }

  /// The types of a function's registers.
  public static RegisterTypes of(Function function, ProgramGraph graph, Facts facts) {
    SmallNumbers numbers = new SmallNumbers(function, graph, facts);
    numbers.find(function);
    return numbers;
  }

  @Override
  public boolean intBefore(int slot, int register) {
    return intsBefore.get(index(slot, register));
  }

  @Override
  public boolean intAfter(int slot, int register) {
    return intsAfter.get(index(slot, register));
  }

  @Override
  public boolean smallBefore(int slot, int register) {
    return smallBefore.get(index(slot, register));
  }

  @Override
  public boolean walksBefore(int slot, int register) {
    return walksBefore.get(index(slot, register));
  }

  @Override
  public boolean positiveBefore(int slot, int register) {
    return switch (facts.before(slot, register)) {
      case RegisterFact.Scalar number -> number.signedMin() >= 0;
      case RegisterFact.Pointer pointer -> isAddress(pointer);
      case RegisterFact.Unknown _ -> false;
    };
  }

  /// Whether a pointer is an address of a process, and stays so near to its target that it is one
  /// still: handles of maps, functions and objects are not, and programs may add anything to a
  /// pointer that they do not use.
  private boolean isAddress(RegisterFact.Pointer pointer) {
    boolean toMemory =
        switch (pointer.kind()) {
          case STACK, PACKET, PACKET_META, PACKET_END, MAP_KEY, MAP_VALUE -> true;
          case MEMORY -> !facts.mayMemoryBeObjects();
          case CONTEXT, MAP, BUFFER, FLOW_KEYS, SOCKET, BTF_OBJECT, FUNCTION, DYNPTR, ARENA ->
              false;
        };
    return toMemory && pointer.minOffset() >= -LOWEST_ADDRESS && pointer.maxOffset() < FAR;
  }

  @Override
  public boolean atMostBefore(int slot, int register, int number) {
    return smallBefore(slot, register)
        && facts.before(slot, register) instanceof RegisterFact.Scalar scalar
        && scalar.signedMax() <= number;
  }

  private int index(int slot, int register) {
    return (slot - start) * REGISTERS + register;
  }

  private void find(Function function) {
    for (Block block : function.blocks()) {
      int[] entry = new int[REGISTERS];
      for (int register = 0; register < REGISTERS; register++) {
        entry[register] = webs.add();
        if (block.start() == function.start()) {
          classify(entry[register], block.start(), register);
        }
      }
      entries.put(block.start(), entry);
    }
    int[] written = new int[function.blocks().getLast().end() - function.start()];
    for (Block block : function.blocks()) {
      connect(block, written);
    }
    BitSet wideSets = sets(wide);
    BitSet largeSets = sets(large);
    BitSet walks = new BitSet();
    for (int known = -1; known < walks.cardinality(); ) {
      known = walks.cardinality();
      for (Block block : function.blocks()) {
        findWalks(block, written, walks);
      }
    }
    for (Block block : function.blocks()) {
      spread(block, written, wideSets, largeSets, walks);
    }
  }

  /// Gives each write of a block a web of its own, and joins the webs that leave it with those that
  /// come into the blocks after it.
  private void connect(Block block, int[] written) {
    int[] current = entry(block.start()).clone();
    for (int slot = block.start(); slot < block.end(); ) {
      Instruction instruction = graph.instruction(slot);
      int next = slot + instruction.slots();
      int register = written(instruction);
      if (register >= 0) {
        int web = webs.add();
        current[register] = web;
        written[slot - start] = web;
        if (live(next, register)) {
          classify(web, next, register);
        }
      }
      slot = next;
    }
    for (int next : block.next()) {
      int[] entry = entry(next);
      for (int register = 0; register < REGISTERS; register++) {
        if (live(next, register)) {
          webs.join(current[register], entry[register]);
        }
      }
    }
  }

  /// Notes the webs of which a value is made by adding to another one of them, and those with
  /// values made from them.
  private void findWalks(Block block, int[] written, BitSet walks) {
    int[] current = entry(block.start()).clone();
    for (int slot = block.start(); slot < block.end(); ) {
      Instruction instruction = graph.instruction(slot);
      int register = written(instruction);
      if (register >= 0) {
        int web = webs.find(written[slot - start]);
        int from = source(instruction);
        if (from >= 0 && from < REGISTERS) {
          int source = webs.find(current[from]);
          if (walks.get(source) || (source == web && from == register)) {
            walks.set(web);
          }
        }
        current[register] = web;
      }
      slot += instruction.slots();
    }
  }

  /// The register that a move or an addition begins with, or -1.
  private static int source(Instruction instruction) {
    return switch (instruction) {
      case Instruction.Alu alu when alu.operation() == AluOperation.ADD -> alu.dst().number();
      case Instruction.Alu alu
          when alu.operation() == AluOperation.MOV && alu.src() instanceof Operand.Reg(var src) ->
          src.number();
      default -> -1;
    };
  }

  private void spread(Block block, int[] written, BitSet wideSets, BitSet largeSets, BitSet walks) {
    int[] current = entry(block.start()).clone();
    for (int slot = block.start(); slot < block.end(); ) {
      for (int register = 0; register < REGISTERS; register++) {
        int web = webs.find(current[register]);
        intsBefore.set(index(slot, register), !wideSets.get(web));
        smallBefore.set(index(slot, register), !largeSets.get(web));
        walksBefore.set(index(slot, register), walks.get(web));
      }
      Instruction instruction = graph.instruction(slot);
      int register = written(instruction);
      if (register >= 0) {
        current[register] = written[slot - start];
        intsAfter.set(index(slot, register), !wideSets.get(webs.find(current[register])));
      }
      slot += instruction.slots();
    }
  }

  private int[] entry(int start) {
    int[] entry = entries.get(start);
    if (entry == null) {
      throw new IllegalStateException("no block begins at " + start);
    }
    return entry;
  }

  private boolean live(int slot, int register) {
    return facts.isReachable(slot) && facts.isLive(slot, register);
  }

  private BitSet sets(BitSet members) {
    BitSet sets = new BitSet();
    members.stream().forEach(web -> sets.set(webs.find(web)));
    return sets;
  }

  /// Notes what a value, which is in the register before a slot, asks of its web.
  private void classify(int web, int slot, int register) {
    if (!(facts.before(slot, register) instanceof RegisterFact.Scalar number)) {
      wide.set(web);
      large.set(web);
      return;
    }
    if (number.signedMin() < 0 || number.signedMax() > Integer.MAX_VALUE) {
      large.set(web);
    }
    if (number.signedMin() < 0 || number.signedMax() > LOWER_HALF) {
      wide.set(web);
    }
  }

  /// The register that an instruction writes, or -1.
  private static int written(Instruction instruction) {
    return switch (instruction) {
      case Instruction.CallHelper _,
          Instruction.CallLocal _,
          Instruction.CallKernel _,
          Instruction.LoadPacket _ ->
          Register.R0.number();
      case Instruction.Atomic atomic when atomic.operation() == AtomicOperation.CMPXCHG ->
          Register.R0.number();
      default -> instruction.result().map(Register::number).orElse(-1);
    };
  }
}
