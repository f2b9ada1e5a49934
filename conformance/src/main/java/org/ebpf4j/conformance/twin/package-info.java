/// The Linux host beside libbpf: a small C program that does the same, and what compares the two.
@NullMarked
package org.ebpf4j.conformance.twin;

import org.jspecify.annotations.NullMarked;
