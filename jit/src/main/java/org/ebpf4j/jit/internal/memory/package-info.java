/// Loads and stores as bytecode.
@NullMarked
package org.ebpf4j.jit.internal.memory;

import org.jspecify.annotations.NullMarked;
