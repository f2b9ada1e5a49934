/// Features of the running kernel, found out by trying.
@NullMarked
package org.ebpf4j.linux.internal.probe;

import org.jspecify.annotations.NullMarked;
