/// `ebpf run`: a program over a capture.
@NullMarked
package org.ebpf4j.cli.run;

import org.jspecify.annotations.NullMarked;
