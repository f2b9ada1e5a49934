/// `ebpf feature`: what the running kernel can do.
@NullMarked
package org.ebpf4j.cli.feature;

import org.jspecify.annotations.NullMarked;
