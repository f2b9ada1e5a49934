/// Writes Java sources for object files: `ebpf gen java`.
@NullMarked
package org.ebpf4j.cli.generate;

import org.jspecify.annotations.NullMarked;
