/// The verifier beside the kernel's: verdicts, reasons, instructions walked and time, program by
/// program.
@NullMarked
package org.ebpf4j.conformance.verdicts;

import org.jspecify.annotations.NullMarked;
