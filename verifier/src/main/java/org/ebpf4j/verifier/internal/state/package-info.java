/// What is known at one point of one path: registers, stack, references, locks; and when one such
/// state covers another.
@NullMarked
package org.ebpf4j.verifier.internal.state;

import org.jspecify.annotations.NullMarked;
