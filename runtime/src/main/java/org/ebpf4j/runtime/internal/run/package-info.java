/// The state of one run, shared by engines, helpers and contexts.
@NullMarked
package org.ebpf4j.runtime.internal.run;

import org.jspecify.annotations.NullMarked;
