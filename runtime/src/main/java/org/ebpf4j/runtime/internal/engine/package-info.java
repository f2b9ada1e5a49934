/// The interpreter.
@NullMarked
package org.ebpf4j.runtime.internal.engine;

import org.jspecify.annotations.NullMarked;
