/// The verifier: what it is given, and what it answers.
@NullMarked
package org.ebpf4j.verifier;

import org.jspecify.annotations.NullMarked;
