package org.ebpf4j;

/// What one run gave.
///
/// @param returnValue `R0`, as the program type defines it: 32 bits sign-extended for Linux's types
/// @param data the packet after the run
/// @param context the context after the run, in uapi layout
/// @param redirect where the packet was sent
/// @param nanoseconds mean time of a run, as `BPF_PROG_TEST_RUN` reports it
public record RunResult(
    long returnValue, byte[] data, byte[] context, Redirect redirect, long nanoseconds) {}
