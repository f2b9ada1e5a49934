/// Kernel objects by id, name and pin, and what the kernel tells of them.
@NullMarked
package org.ebpf4j.linux.internal.object;

import org.jspecify.annotations.NullMarked;
