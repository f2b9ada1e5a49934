package org.ebpf4j.jit.internal.flow;

import java.util.List;

/// A function of a program: the program itself, or a subprogram.
///
/// @param index in the order of the functions' slots
/// @param start its first slot
/// @param blocks those that can be reached, by slot
public record Function(int index, int start, List<Block> blocks) {}
