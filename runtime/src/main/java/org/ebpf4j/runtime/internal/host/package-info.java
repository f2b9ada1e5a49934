/// Loaded collections, programs, runners and hooks.
@NullMarked
package org.ebpf4j.runtime.internal.host;

import org.jspecify.annotations.NullMarked;
