/// `ebpf bench`: engines and hosts side by side.
@NullMarked
package org.ebpf4j.cli.bench;

import org.jspecify.annotations.NullMarked;
