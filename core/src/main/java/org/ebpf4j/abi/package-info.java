/// The tables: program types, context layouts, helpers and map types, as data that the verifier,
/// the hosts, the tools and the docs all read.
@NullMarked
package org.ebpf4j.abi;

import org.jspecify.annotations.NullMarked;
