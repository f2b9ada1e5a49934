/// Hosts, and what they make live: collections, programs, maps, links and events.
@NullMarked
package org.ebpf4j;

import org.jspecify.annotations.NullMarked;
