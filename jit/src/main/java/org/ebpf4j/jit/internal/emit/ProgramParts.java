package org.ebpf4j.jit.internal.emit;

import java.lang.constant.ClassDesc;
import java.util.Optional;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.jit.internal.flow.ProgramGraph;
import org.ebpf4j.jit.internal.memory.Constants;
import org.ebpf4j.jit.internal.memory.MemoryEmitters;
import org.ebpf4j.runtime.internal.engine.LinkedProgram;
import org.ebpf4j.verifier.Facts;

/// What all methods of one program are written from.
///
/// @param type the class they are in
/// @param facts what was proven; without, everything is checked
record ProgramParts(
    ClassDesc type,
    LinkedProgram program,
    ProgramGraph graph,
    Optional<Facts> facts,
    Optional<ContextLayout> context,
    Constants constants,
    MemoryEmitters memory) {

  boolean checked() {
    return facts.isEmpty();
  }
}
