/// Packets built header by header, for tests and for whoever needs one.
@NullMarked
package org.ebpf4j.net.packet;

import org.jspecify.annotations.NullMarked;
