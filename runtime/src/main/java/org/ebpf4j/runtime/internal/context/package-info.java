/// Contexts and packets of the program types.
@NullMarked
package org.ebpf4j.runtime.internal.context;

import org.jspecify.annotations.NullMarked;
