/// `ebpf link`: attachments in the Linux kernel.
@NullMarked
package org.ebpf4j.cli.link;

import org.jspecify.annotations.NullMarked;
