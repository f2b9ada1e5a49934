/// Bytecode from blocks.
@NullMarked
package org.ebpf4j.jit.internal.emit;

import org.jspecify.annotations.NullMarked;
