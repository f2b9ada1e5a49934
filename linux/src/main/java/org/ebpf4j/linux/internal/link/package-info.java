/// Links: programs attached in the kernel.
@NullMarked
package org.ebpf4j.linux.internal.link;

import org.jspecify.annotations.NullMarked;
