/// Tells people what the walk found: how it came to a refusal, where what is known of a register
/// comes from, what would make the program pass; and the log that kernels print.
@NullMarked
package org.ebpf4j.verifier.internal.explain;

import org.jspecify.annotations.NullMarked;
