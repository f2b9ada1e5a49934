/// Programs in the kernel: loading one, running it, what the verifier said.
@NullMarked
package org.ebpf4j.linux.internal.program;

import org.jspecify.annotations.NullMarked;
