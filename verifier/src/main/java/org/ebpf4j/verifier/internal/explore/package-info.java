/// The walk through all paths of a program.
@NullMarked
package org.ebpf4j.verifier.internal.explore;

import org.jspecify.annotations.NullMarked;
