/// System calls, memory mappings, file descriptors and epoll.
///
/// Everything goes through one downcall, `syscall(2)`. Errors are Linux's error numbers: negated
/// results from [SystemCall], a [SystemCallException] from everything built on it.
@NullMarked
package org.ebpf4j.sys;

import org.jspecify.annotations.NullMarked;
