package org.ebpf4j.runtime.internal.engine;

import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.runtime.internal.map.TailCallTarget;
import org.ebpf4j.runtime.internal.object.LocalTypes;
import org.ebpf4j.spec.ProgramSpec;

/// A program ready for the interpreter: lowered slots, and everything that they refer to.
///
/// @param spec what it was made from; slots keep their numbers, so faults find their source line
/// @param code lowered slots, see [Operation], and an exit after them
/// @param callees the helpers and kernel functions, by the immediate of a call slot
/// @param traps why a slot cannot run, by the immediate of a trap slot
/// @param functionStarts which slots begin a function
/// @param maps the maps that the program may use
/// @param types the types of its object file
public record LinkedProgram(
    ProgramSpec spec,
    long[] code,
    Callee[] callees,
    String[] traps,
    boolean[] functionStarts,
    RuntimeMap[] maps,
    LocalTypes types) {

  /// Something that holds a linked program, as a program array does.
  public interface Holder extends TailCallTarget {
    LinkedProgram linked();
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

  boolean isFunction(long slot) {
    return slot >= 0 && slot < functionStarts.length && functionStarts[(int) slot];
  }
}
