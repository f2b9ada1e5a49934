package org.ebpf4j.linux.internal.load;

import java.lang.foreign.MemorySegment;
import org.ebpf4j.GlobalVariable;

/// A global variable in the mapped value of its section's map.
record KernelVariable(String name, int size, boolean writable, MemorySegment memory)
    implements GlobalVariable {}
