/// Generated programs held against the verifier, the engines and a live kernel.
@NullMarked
package org.ebpf4j.conformance.fuzz;

import org.jspecify.annotations.NullMarked;
