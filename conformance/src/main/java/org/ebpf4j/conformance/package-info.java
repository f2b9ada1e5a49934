/// Outside truth for suites: what a live Linux kernel does with given programs.
@NullMarked
package org.ebpf4j.conformance;

import org.jspecify.annotations.NullMarked;
