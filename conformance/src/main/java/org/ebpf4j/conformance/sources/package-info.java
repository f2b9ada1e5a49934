/// Programs in C, generated from seeds and compiled by clang, before both verifiers.
@NullMarked
package org.ebpf4j.conformance.sources;

import org.jspecify.annotations.NullMarked;
