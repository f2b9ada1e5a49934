/// Helpers: one body a helper, found by number.
@NullMarked
package org.ebpf4j.runtime.internal.helper;

import org.jspecify.annotations.NullMarked;
