/// CO-RE ("compile once, run everywhere"): adjusts programs to the types of the kernel, or of
/// whatever else they are to run in.
@NullMarked
package org.ebpf4j.relocation;

import org.jspecify.annotations.NullMarked;
