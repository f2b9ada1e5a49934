/// Errors about what ebpf4j was given, and Linux's error numbers.
@NullMarked
package org.ebpf4j.error;

import org.jspecify.annotations.NullMarked;
