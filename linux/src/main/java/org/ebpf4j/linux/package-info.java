/// The Linux host: collections, maps and programs in the running kernel.
@NullMarked
package org.ebpf4j.linux;

import org.jspecify.annotations.NullMarked;
