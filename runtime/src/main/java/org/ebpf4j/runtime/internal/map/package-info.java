/// Maps, by type, with Linux's semantics.
@NullMarked
package org.ebpf4j.runtime.internal.map;

import org.jspecify.annotations.NullMarked;
