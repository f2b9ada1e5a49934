/// What a program looks like: functions, blocks, and what is known of registers.
@NullMarked
package org.ebpf4j.jit.internal.flow;

import org.jspecify.annotations.NullMarked;
