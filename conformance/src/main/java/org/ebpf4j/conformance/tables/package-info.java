/// Derives the tables of what a kernel allows by loading tiny programs into it.
@NullMarked
package org.ebpf4j.conformance.tables;

import org.jspecify.annotations.NullMarked;
