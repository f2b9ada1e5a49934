/// `ebpf prog`.
@NullMarked
package org.ebpf4j.cli.prog;

import org.jspecify.annotations.NullMarked;
