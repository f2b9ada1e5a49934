/// Sets of numbers that a register may hold, and arithmetic on them.
@NullMarked
package org.ebpf4j.verifier.internal.domain;

import org.jspecify.annotations.NullMarked;
