/// Finds inputs that take a program along a given path.
@NullMarked
package org.ebpf4j.runtime.internal.replay;

import org.jspecify.annotations.NullMarked;
