/// How a walk ends early: refused, or not judged.
@NullMarked
package org.ebpf4j.verifier.internal.outcome;

import org.jspecify.annotations.NullMarked;
