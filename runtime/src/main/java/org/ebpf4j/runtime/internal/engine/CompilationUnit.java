package org.ebpf4j.runtime.internal.engine;

import java.util.Optional;
import org.ebpf4j.abi.ContextLayout;
import org.ebpf4j.runtime.MemoryAccess;
import org.ebpf4j.verifier.Facts;

/// A program to compile, and what is known of it.
///
/// @param program the program
/// @param facts what was proven of it; without, each of its accesses is checked
/// @param context what its `R1` points at, where that is a struct of the tables
/// @param memory how code accesses memory that was proven
public record CompilationUnit(
    LinkedProgram program,
    Optional<Facts> facts,
    Optional<ContextLayout> context,
    MemoryAccess memory) {}
