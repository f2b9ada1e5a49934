package org.ebpf4j.jit.internal.emit;

import org.ebpf4j.isa.MemorySize;
import org.ebpf4j.jit.internal.memory.MemoryEmitter;

/// Where an instruction accesses memory, and how.
///
/// @param memory how
/// @param offset the distance of the access from the address in its base register
/// @param size bytes accessed, which for the pointers of a context are more than the instruction
///   says
/// @param checked whether the run must be told where it is
record Place(MemoryEmitter memory, long offset, MemorySize size, boolean checked) {}
