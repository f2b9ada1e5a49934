/// Compiles verified programs to JVM bytecode.
@NullMarked
package org.ebpf4j.jit;

import org.jspecify.annotations.NullMarked;
