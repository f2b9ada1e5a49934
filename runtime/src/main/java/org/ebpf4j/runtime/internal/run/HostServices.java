package org.ebpf4j.runtime.internal.run;

import java.util.Optional;
import org.ebpf4j.runtime.Environment;
import org.ebpf4j.runtime.internal.object.KernelObjects;

/// What a host gives to every run on it.
///
/// @param environment what programs ask about the world
/// @param timers the timers in its maps
/// @param objects what its programs have allocated
/// @param instructions how many a run may execute that is not proven to end
/// @param observer who looks on as programs run, if anyone does
public record HostServices(
    Environment environment,
    Timers timers,
    KernelObjects objects,
    long instructions,
    Optional<StepObserver> observer) {}
