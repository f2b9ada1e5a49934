/// The system call bpf(2): commands, arguments, errors.
@NullMarked
package org.ebpf4j.linux.internal.call;

import org.jspecify.annotations.NullMarked;
