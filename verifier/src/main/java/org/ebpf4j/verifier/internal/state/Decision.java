package org.ebpf4j.verifier.internal.state;

import org.jspecify.annotations.Nullable;

/// A branch of the path: at the conditional jump in `slot`, whether it was taken.
public record Decision(int slot, boolean taken, @Nullable Decision before) {}
