/// What the tables say: contexts, helpers, maps and kernel functions by program type.
@NullMarked
package org.ebpf4j.verifier.internal.rules;

import org.jspecify.annotations.NullMarked;
