/// Loading collections: what a spec leaves to the host, filled in from this machine.
@NullMarked
package org.ebpf4j.linux.internal.load;

import org.jspecify.annotations.NullMarked;
