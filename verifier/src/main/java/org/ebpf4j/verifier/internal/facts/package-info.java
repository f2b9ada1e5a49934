/// What holds in every run: collected on the walk where the walk proves it, else found by an
/// analysis of its own.
@NullMarked
package org.ebpf4j.verifier.internal.facts;

import org.jspecify.annotations.NullMarked;
