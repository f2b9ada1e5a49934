/// Rings between the kernel and this process.
@NullMarked
package org.ebpf4j.linux.internal.event;

import org.jspecify.annotations.NullMarked;
