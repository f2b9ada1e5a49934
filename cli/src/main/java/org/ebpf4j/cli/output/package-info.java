/// What all commands print, and how they fail.
@NullMarked
package org.ebpf4j.cli.output;

import org.jspecify.annotations.NullMarked;
