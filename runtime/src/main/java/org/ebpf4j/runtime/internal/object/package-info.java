/// Objects that programs allocate and hold by address: structs of their own, CPU masks.
@NullMarked
package org.ebpf4j.runtime.internal.object;

import org.jspecify.annotations.NullMarked;
