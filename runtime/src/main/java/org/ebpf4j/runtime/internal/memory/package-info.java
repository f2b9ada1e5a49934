/// Off-heap memory: raw access, the regions that a run may touch, and reclamation.
@NullMarked
package org.ebpf4j.runtime.internal.memory;

import org.jspecify.annotations.NullMarked;
