package org.ebpf4j.jit.internal.emit;

import java.lang.classfile.CodeBuilder;

/// A method being written: what the emitters of instructions share.
///
/// @param code where it is written to
/// @param registers the locals
/// @param program what it is a method of
/// @param result how it ends the function
record Method(CodeBuilder code, Registers registers, ProgramParts program, Result result) {}
