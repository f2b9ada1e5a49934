package org.ebpf4j.runtime.internal.engine;

import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.ebpf4j.abi.ProgramType;
import org.ebpf4j.isa.Bytecode;
import org.ebpf4j.runtime.internal.map.ArenaMap;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.map.TailCallTarget;
import org.ebpf4j.runtime.internal.object.LocalTypes;
import org.ebpf4j.spec.ProgramSpec;

/// A program ready to run: lowered slots for the interpreter, and everything that they refer to.
///
/// @param spec what it was made from; slots keep their numbers, so faults find their source line
/// @param code lowered slots, see [Operation], and an exit after them
/// @param callees the helpers and kernel functions, by the immediate of a call slot
/// @param traps why a slot cannot run, by the immediate of a trap slot
/// @param functionStarts which slots begin a function
/// @param maps the maps that the program may use
/// @param mapNames what each is called in the program's object; its own name may be another where
///   the caller brought it
/// @param types the types of its object file
/// @param bytecode the instructions with addresses and handles in place
/// @param execution the engine that runs it
/// @param exceptionCallback the slot of the function that says what the program returns when it
///   ends by an exception, or [#NO_CALLBACK]: then it returns what was thrown
public record LinkedProgram(
    ProgramSpec spec,
    long[] code,
    Callee[] callees,
    String[] traps,
    boolean[] functionStarts,
    RuntimeMap[] maps,
    String[] mapNames,
    LocalTypes types,
    Bytecode bytecode,
    Execution execution,
    int exceptionCallback) {

  /// What [#exceptionCallback] is where the program has none.
  public static final int NO_CALLBACK = -1;

  private static final Set<ProgramType> OBJECT_CONTEXTS =
      EnumSet.of(
          ProgramType.TRACING,
          ProgramType.LSM,
          ProgramType.RAW_TRACEPOINT,
          ProgramType.RAW_TRACEPOINT_WRITABLE,
          ProgramType.STRUCT_OPS,
          ProgramType.EXT,
          ProgramType.NETFILTER);

  /// A linked program as a program array holds it. A class, not an interface: to see that what an
  /// array holds is one costs less.
  public abstract static class Holder implements TailCallTarget {
    private final LinkedProgram linked;

    protected Holder(LinkedProgram linked) {
      this.linked = linked;
    }

    public final LinkedProgram linked() {
      return linked;
    }
  }

  /// Takes a hold on each of its maps, or on none if one is already going away.
  public boolean retainMaps() {
    for (int i = 0; i < maps.length; i++) {
      if (!maps[i].retain()) {
        while (--i >= 0) {
          maps[i].release();
        }
        return false;
      }
    }
    return true;
  }

  /// Gives back what [#retainMaps] took, or what the program was made with.
  public void releaseMaps() {
    for (RuntimeMap map : maps) {
      map.release();
    }
  }

  /// The map of this name in the program's object, if the program may use it.
  public Optional<RuntimeMap> mapNamed(String name) {
    for (int i = 0; i < maps.length; i++) {
      if (mapNames[i].equals(name)) {
        return Optional.of(maps[i]);
      }
    }
    return Optional.empty();
  }

  /// Whether what it loads and stores is ordinary memory: types whose context holds pointers to the
  /// kernel's objects are left out.
  boolean isOfOrdinaryMemory() {
    return spec.kind().type().filter(OBJECT_CONTEXTS::contains).isEmpty();
  }

  /// The arena whose addresses it casts. Programs have one at most.
  public Optional<ArenaMap> arena() {
    return arena(List.of(maps));
  }

  /// The arena among the maps of a program.
  public static Optional<ArenaMap> arena(Collection<RuntimeMap> maps) {
    for (RuntimeMap map : maps) {
      if (map instanceof ArenaMap arena) {
        return Optional.of(arena);
      }
    }
    return Optional.empty();
  }

  /// Where functions start that no instruction refers to.
  public int[] uncalledFunctions() {
    return exceptionCallback == NO_CALLBACK ? new int[0] : new int[] {exceptionCallback};
  }

  /// Whether it may end by an exception.
  public boolean throwsExceptions() {
    for (Callee callee : callees) {
      if (callee.label().equals("bpf_throw")) {
        return true;
      }
    }
    return false;
  }

  /// The same program with other instructions in the same places.
  LinkedProgram withCode(long[] otherCode, Bytecode otherBytecode) {
    return new LinkedProgram(
        spec(),
        otherCode,
        callees(),
        traps(),
        functionStarts(),
        maps(),
        mapNames(),
        types(),
        otherBytecode,
        execution(),
        exceptionCallback());
  }

  /// What a call instruction leads to.
  public Lowering.Target target(int slot) {
    int index = Bytecode.immediate(code[slot]);
    return Bytecode.opcode(code[slot]) == Operation.CALL_HELPER
        ? new Lowering.Target.To(callees[index])
        : new Lowering.Target.Trap(traps[index]);
  }

  /// The number of the reason why the instruction at a slot cannot run, or -1 if it can.
  public int trap(int slot) {
    return Bytecode.opcode(code[slot]) == Operation.TRAP ? Bytecode.immediate(code[slot]) : -1;
  }

  /// The slot of the instruction that comes a number of instructions after another.
  int slotAfter(int first, long instructions) {
    int slot = first;
    for (long i = 0; i < instructions; i++) {
      slot += Bytecode.opcode(code[slot]) == Operation.LOAD_CONSTANT ? 2 : 1;
    }
    return slot;
  }

  boolean isFunction(long slot) {
    return slot >= 0 && slot < functionStarts.length && functionStarts[(int) slot];
  }
}
