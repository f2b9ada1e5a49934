/// The command `ebpf`: nouns and verbs over the libraries.
@NullMarked
package org.ebpf4j.cli;

import org.jspecify.annotations.NullMarked;
