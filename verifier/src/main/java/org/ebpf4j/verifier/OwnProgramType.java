package org.ebpf4j.verifier;

import org.ebpf4j.abi.ContextLayout;

/// A program type that Linux does not have: what its programs are given, and what they may return.
///
/// @param context what `R1` points at
/// @param lowest the least result, signed
/// @param highest the greatest result, signed
public record OwnProgramType(ContextLayout context, long lowest, long highest) {}
