package org.ebpf4j.jit.internal.emit;

import java.lang.constant.ClassDesc;
import java.util.Optional;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.isa.Register;
import org.ebpf4j.jit.internal.flow.Function;
import org.ebpf4j.jit.internal.flow.Origins;
import org.ebpf4j.jit.internal.flow.ProgramGraph;
import org.ebpf4j.jit.internal.flow.ProgramOrigins;
import org.ebpf4j.jit.internal.memory.Constants;
import org.ebpf4j.jit.internal.memory.MemoryEmitters;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.runtime.internal.map.RuntimeMap;
import org.ebpf4j.verifier.Facts;
import org.ebpf4j.verifier.PointerTarget;
import org.ebpf4j.verifier.RegisterFact;

/// What all methods of one program are written from.
///
/// @param type the class they are in
/// @param facts what was proven; without, everything is checked
/// @param allOrigins where registers come from, if nothing was proven
/// @param memory how it accesses memory
/// @param drawnIn how it does where [DrawnIn] says so
/// @param plain whether it is [org.ebpf4j.runtime.internal.engine.CompiledProgram#plain()]
record ProgramParts(
    ClassDesc type,
    LinkedProgram program,
    ProgramGraph graph,
    Optional<Facts> facts,
    Optional<ContextLayout> context,
    Optional<ProgramOrigins> allOrigins,
    Constants constants,
    MemoryEmitters memory,
    MemoryEmitters drawnIn,
    boolean plain) {

  /// The same, said to be plain or not.
  ProgramParts withPlain(boolean value) {
    return new ProgramParts(
        type, program, graph, facts, context, allOrigins, constants, memory, drawnIn, value);
  }

  boolean checked() {
    return facts.isEmpty();
  }

  /// Whether the arguments of a call have to be checked: without a proof, and where the proof
  /// leaves open whether there are bytes behind them.
  boolean checksArguments(int slot) {
    return facts.isEmpty() || facts.get().mayBeObject(slot);
  }

  /// The map that a register points to in every run before a slot, if that is known, and if nothing
  /// has to be checked there.
  Optional<RuntimeMap> map(int slot, Register register) {
    return target(slot, register) instanceof PointerTarget.OfMap(String name)
        ? program.mapNamed(name)
        : Optional.empty();
  }

  /// The map of maps whose inner maps a register points to one of, in every run before a slot, if
  /// that is known.
  Optional<RuntimeMap> outerMap(int slot, Register register) {
    return target(slot, register) instanceof PointerTarget.OfInnerMap(String outer)
        ? program.mapNamed(outer)
        : Optional.empty();
  }

  private PointerTarget target(int slot, Register register) {
    return !checksArguments(slot)
            && facts.get().before(slot, register.number()) instanceof RegisterFact.Pointer pointer
        ? pointer.target()
        : new PointerTarget.Any();
  }

  /// Where a function's registers come from, if that is not proven.
  Optional<Origins> origins(Function function) {
    return allOrigins.map(all -> all.of(function));
  }

  /// Whether a function is the program's own, which nothing calls but the run.
  boolean isOutermost(Function function) {
    return function.start() == 0 && !graph.callsOwnStart();
  }
}
