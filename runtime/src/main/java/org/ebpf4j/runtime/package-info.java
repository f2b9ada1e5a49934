/// The JVM host: how to make one, and the environment its programs see.
@NullMarked
package org.ebpf4j.runtime;

import org.jspecify.annotations.NullMarked;
