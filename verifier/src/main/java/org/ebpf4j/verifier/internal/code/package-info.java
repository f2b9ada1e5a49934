/// The program as a graph: instructions, subprograms, live registers, loops.
@NullMarked
package org.ebpf4j.verifier.internal.code;

import org.jspecify.annotations.NullMarked;
