/// Maps in the kernel.
@NullMarked
package org.ebpf4j.linux.internal.map;

import org.jspecify.annotations.NullMarked;
