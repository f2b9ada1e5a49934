package org.ebpf4j.jit.internal.flow;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.abi.Helpers;
import org.ebpf4j.isa.Instruction;
import org.ebpf4j.isa.Register;
import org.ebpf4j.jit.internal.flow.Origin.Somewhere;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.memory.Handles;

/// The [Origins] of all functions of a program that nobody has proven. Callers come before what
/// they call: what a function gets from them, directly or through a helper that calls it back, is
/// where its own guesses begin.
public final class ProgramOrigins {
  /// `R0` to `R5`.
  private static final int HANDED_ON = 6;

  private static final int LOOP = number("loop");
  private static final int FOR_EACH = number("for_each_map_elem");
  private static final int SET_CALLBACK = number("timer_set_callback");
  private static final int DRAIN = number("user_ringbuf_drain");
  private static final int FIND_VMA = number("find_vma");

  private final ProgramGraph graph;
  private final LinkedProgram program;
  private final Optional<ContextLayout> context;
  private final Map<Integer, Function> functions = new HashMap<>();
  private final Map<Integer, Set<Integer>> mentioned = new HashMap<>();
  private final Map<Integer, Origin[]> entries = new HashMap<>();
  private final Map<Integer, Origins> origins = new HashMap<>();

  /// @param context what `R1` points at when the program begins
  public ProgramOrigins(
      ProgramGraph graph, LinkedProgram program, Optional<ContextLayout> context) {
    this.graph = graph;
    this.program = program;
    this.context = context;
    graph.functions().forEach(function -> functions.put(function.start(), function));
    handOn(0, 1, new Origin.Context(0));
    followAll();
  }

  private static int number(String helper) {
    return Helpers.byName(helper).orElseThrow().id();
  }

  /// Those of a function.
  public Origins of(Function function) {
    Origins found = origins.get(function.start());
    if (found == null) {
      throw new IllegalStateException("no function begins at " + function.start());
    }
    return found;
  }

  /// Each function as soon as all that mention it are done. Where they go round in a circle, one of
  /// them begins.
  private void followAll() {
    Map<Integer, Integer> waitsFor = new HashMap<>();
    Set<Integer> open = new LinkedHashSet<>();
    for (Function function : graph.functions()) {
      open.add(function.start());
      mentioned.put(function.start(), mentionedIn(function));
      mentioned
          .getOrDefault(function.start(), Set.of())
          .forEach(callee -> waitsFor.merge(callee, 1, Integer::sum));
    }
    Deque<Integer> ready = new ArrayDeque<>();
    open.stream().filter(start -> !waitsFor.containsKey(start)).forEach(ready::add);
    while (!open.isEmpty()) {
      int start = ready.isEmpty() ? open.iterator().next() : ready.remove();
      if (open.remove(start)) {
        follow(start);
        for (int callee : mentioned.getOrDefault(start, Set.of())) {
          if (waitsFor.merge(callee, -1, Integer::sum) == 0) {
            ready.add(callee);
          }
        }
      }
    }
  }

  private Set<Integer> mentionedIn(Function function) {
    Set<Integer> found = new HashSet<>();
    for (Block block : function.blocks()) {
      for (int slot = block.start(); slot < block.end(); ) {
        Instruction instruction = graph.instruction(slot);
        if (instruction instanceof Instruction.CallLocal(int offset)) {
          found.add(slot + 1 + offset);
        } else if (instruction instanceof Instruction.LoadImmediate64 load
            && load.source() == Instruction.LoadImmediate64.Source.FUNCTION) {
          found.add(slot + 1 + load.low());
        }
        slot += instruction.slots();
      }
    }
    return found;
  }

  private void follow(int start) {
    Function function = functions.get(start);
    if (function == null) {
      throw new IllegalStateException("no function begins at " + start);
    }
    Origins own = new Origins(function, graph, program, context, entry(start));
    origins.put(start, own);
    for (Block block : function.blocks()) {
      for (int slot = block.start(); slot < block.end(); ) {
        Instruction instruction = graph.instruction(slot);
        if (program.trap(slot) < 0) {
          handOn(slot, instruction, own);
        }
        slot += instruction.slots();
      }
    }
  }

  private void handOn(int slot, Instruction instruction, Origins own) {
    switch (instruction) {
      case Instruction.CallLocal(int offset) -> {
        for (int register = 0; register < HANDED_ON; register++) {
          handOn(slot + 1 + offset, register, argument(own, slot, register));
        }
      }
      case Instruction.CallHelper(int helper) when helper == LOOP ->
          callBack(own, slot, 2, 2, argument(own, slot, 3));
      case Instruction.CallHelper(int helper) when helper == FOR_EACH -> {
        callBack(own, slot, 2, 3, valueOf(own, slot));
        callBack(own, slot, 2, 4, argument(own, slot, 3));
      }
      case Instruction.CallHelper(int helper) when helper == SET_CALLBACK ->
          callBack(own, slot, 2, 3, argument(own, slot, 1).vague());
      case Instruction.CallHelper(int helper) when helper == DRAIN ->
          callBack(own, slot, 2, 2, argument(own, slot, 3));
      case Instruction.CallHelper(int helper) when helper == FIND_VMA ->
          callBack(own, slot, 3, 3, argument(own, slot, 4));
      default -> {
        // Enters no function of the program.
      }
    }
  }

  private static Origin argument(Origins own, int slot, int register) {
    return own.before(slot, Register.of(register)).handedOn(own);
  }

  /// A value of the map that `R1` holds.
  private static Origin valueOf(Origins own, int slot) {
    Optional<Values> values = own.map(slot, Register.R1).flatMap(Values::of);
    return values.isPresent() ? new Origin.InValue(values.get()) : Somewhere.UNKNOWN;
  }

  /// A helper hands something on to the function whose handle is in a register.
  private void callBack(Origins own, int slot, int holder, int register, Origin origin) {
    if (own.before(slot, Register.of(holder)) instanceof Origin.Constant(long handle)) {
      int start = Handles.functionSlot(handle);
      if (functions.containsKey(start)) {
        handOn(start, register, origin);
      }
    }
  }

  private void handOn(int start, int register, Origin origin) {
    Origin[] entry = entries.computeIfAbsent(start, _ -> new Origin[HANDED_ON]);
    entry[register] = entry[register] == null ? origin : entry[register].or(origin);
  }

  /// What was handed on to a function until now.
  private Origin[] entry(int start) {
    Origin[] entry = new Origin[HANDED_ON];
    Arrays.fill(entry, Somewhere.UNKNOWN);
    Origin[] known = entries.getOrDefault(start, entry);
    for (int i = 0; i < HANDED_ON; i++) {
      if (known[i] != null) {
        entry[i] = known[i];
      }
    }
    return entry;
  }
}
