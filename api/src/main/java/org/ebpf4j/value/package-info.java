/// Typed values: how keys, values, events and contexts turn into bytes and back.
@NullMarked
package org.ebpf4j.value;

import org.jspecify.annotations.NullMarked;
