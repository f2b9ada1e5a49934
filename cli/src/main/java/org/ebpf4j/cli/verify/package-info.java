/// `ebpf verify`.
@NullMarked
package org.ebpf4j.cli.verify;

import org.jspecify.annotations.NullMarked;
