/// Figures: JMH benchmarks, the page they write, and the memory that a long capture takes.
@NullMarked
package org.ebpf4j.bench;

import org.jspecify.annotations.NullMarked;
