package org.ebpf4j.jit.internal.flow;

/// Instructions that run one after the other, entered at the first only.
///
/// @param start the first slot
/// @param end one past the last slot
/// @param last the slot of the last instruction
/// @param instructions how many there are
/// @param next the slots at which execution may go on; the one that follows by falling through
///   comes first
public record Block(int start, int end, int last, int instructions, int[] next) {}
