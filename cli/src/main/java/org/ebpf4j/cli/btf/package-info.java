/// `ebpf btf`.
@NullMarked
package org.ebpf4j.cli.btf;

import org.jspecify.annotations.NullMarked;
