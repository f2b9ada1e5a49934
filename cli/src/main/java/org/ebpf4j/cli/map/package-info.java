/// `ebpf map`.
@NullMarked
package org.ebpf4j.cli.map;

import org.jspecify.annotations.NullMarked;
